/**
 * Whether a long clip shows where its chunks meet: how much frames differ from the ones before and after them, at the key frames
 * that two chunks of the interpolation share and at all other key frames inside. Run: `npx tsx bench/seams.ts [clips]`. Prints a
 * table and writes bench/results/seams.json.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RgbFrames } from '../media/frame-file.ts';
import { ClipEngine } from '../test/harness/clip-engine.ts';
import { report, type Row } from './report.ts';

const [count = '4'] = process.argv.slice(2);
/** Frames between two key frames, and between two that chunks share: a chunk has 16 key frames. */
const [perKey, perChunk] = [4, 60];
const { prompts } = JSON.parse(await readFile(fileURLToPath(new URL('prompts.json', import.meta.url)), 'utf8')) as {
  readonly prompts: readonly { readonly prompt: string }[];
};

/** Mean absolute difference of each frame to the one before it, in bytes; 0 for the first. */
function steps({ count: numFrames, width, height, data }: RgbFrames): readonly number[] {
  const size = 3 * width * height;
  return Array.from({ length: numFrames }, (_, frame) => {
    let sum = 0;
    if (frame > 0) {
      for (let at = frame * size; at < (frame + 1) * size; at++) sum += Math.abs(data[at]! - data[at - size]!);
    }
    return sum / size;
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const engine = await ClipEngine.open();
const rows: Row[] = [];
try {
  for (const { prompt } of prompts.slice(0, Number(count))) {
    const frames = await engine.frames(engine.plan(`prompt: ${prompt}, seconds: 10, seed: 7`));
    const step = steps(frames);
    const [borders, inside]: [number[], number[]] = [[], []];
    for (let key = perKey; key < frames.count - 1; key += perKey) {
      (key % perChunk === 0 ? borders : inside).push((step[key]! + step[key + 1]!) / 2);
    }
    const rounded = (value: number): number => Number(value.toFixed(2));
    rows.push({
      prompt,
      frames: frames.count,
      borders: borders.length,
      'at borders': rounded(mean(borders)),
      'largest at borders': rounded(Math.max(...borders)),
      'at other keys': rounded(mean(inside)),
      'largest at other keys': rounded(Math.max(...inside)),
    });
  }
  await report('seams', { models: 'pocket', unit: 'mean absolute difference, bytes' }, rows);
} finally {
  await engine.close();
}
