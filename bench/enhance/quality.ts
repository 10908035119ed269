/**
 * Luma of 4K frames against the analytic truth, on clips that training never saw: enlarged by Lanczos, by the upscaler of the set, and
 * enhanced to twice their size before the upscaler. Run: `npx tsx bench/enhance/quality.ts [clips] [strength …]`; it needs the Python of `modeling/`
 * (`SHOTLINE_PYTHON`, else `python3`). Prints a table and writes bench/results/enhance-quality.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RgbFrames } from '../../media/frame-file.ts';
import { enhanceParams } from '../../story/plan/enhance-settings.ts';
import { taskOf } from '../../story/plan/task-key.ts';
import type { EnhanceTask } from '../../story/plan/task.ts';
import type { Graph } from '../../engine/graph.ts';
import { runEnhance } from '../../workers/sr/enhance.ts';
import { upscaleByLanczos } from '../../workers/sr/lanczos.ts';
import { upscale } from '../../workers/sr/upscale.ts';
import { ClipEngine, readFrames } from '../../test/harness/clip-engine.ts';
import { report } from '../report.ts';
import { TruePicture, type Likeness } from './edges.ts';

interface HeldOutClip {
  readonly prompt: string;
  readonly frames: number;
  /** Those of them whose true picture is there. */
  readonly judged: readonly number[];
  readonly width: number;
  readonly height: number;
}

const [count = '4', ...asked] = process.argv.slice(2);
const strengths = asked.length > 0 ? asked.map(Number) : [0.25, 0.5, 1];
const engine = await ClipEngine.open();
/** A folder of its own: the engine names what it makes by numbers too. */
const heldOut = join(engine.dir, 'held-out');
const likenesses = new Map<string, Likeness[]>();

/** Frames of a clip, enhanced by the stage. */
async function enhanced(file: string, clip: HeldOutClip, strength: number): Promise<RgbFrames> {
  const settings = { scale: 2, time: 1, strength, colour: 'wavelet' } as const;
  const words = { prompt: clip.prompt, negative: '', seed: 1 };
  const params = {
    ...enhanceParams(settings, words, engine.models, 'shots[0]'),
    frames: clip.frames,
    from: 0,
    count: clip.frames,
  };
  const task = taskOf<EnhanceTask>({
    stage: 'enhance',
    params,
    inputs: [{ stage: 'interp', key: '0'.repeat(64) }],
    packages: {},
  });
  return readFrames(await engine.run(runEnhance, task, [file]));
}

function frameOf({ width, height, data }: RgbFrames, frame: number): RgbFrames {
  const bytes = 3 * width * height;
  return { count: 1, width, height, data: data.subarray(frame * bytes, (frame + 1) * bytes) };
}

async function measure(clip: HeldOutClip, number: number, upscaler: Graph): Promise<void> {
  const file = join(heldOut, `${String(number)}.safetensors`);
  const truth = await readFile(join(heldOut, `${String(number)}.luma`));
  const given = await readFrames(file);
  const made = new Map<number, RgbFrames>();
  for (const strength of strengths) made.set(strength, await enhanced(file, clip, strength));
  const area = clip.width * clip.height;
  for (const [place, frame] of clip.judged.entries()) {
    const right = new TruePicture({ ...clip, data: truth.subarray(place * area, (place + 1) * area) });
    const judge = (way: string, y: Uint8Array): void => {
      likenesses.set(way, [...(likenesses.get(way) ?? []), right.compare({ ...clip, data: y })]);
    };
    judge('lanczos', upscaleByLanczos(frameOf(given, frame), clip)[0]!.y);
    judge('upscaler', (await upscale(upscaler, frameOf(given, frame), clip))[0]!.y);
    for (const [strength, frames] of made) {
      judge(`enhanced ${String(strength)}, upscaler`, (await upscale(upscaler, frameOf(frames, frame), clip))[0]!.y);
    }
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

try {
  const python = process.env['SHOTLINE_PYTHON'] ?? 'python3';
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await mkdir(heldOut);
  const args = ['-m', 'modeling.measure.held_out_clips', '--count', count, '--into', heldOut];
  execFileSync(python, args, { cwd: root, stdio: 'inherit' });
  const clips = JSON.parse(await readFile(join(heldOut, 'clips.json'), 'utf8')) as readonly HeldOutClip[];
  const upscaler = await engine.graph('upscale', 'upscaler');
  for (const [number, clip] of clips.entries()) await measure(clip, number, upscaler);
  const rows = [...likenesses].map(([way, each]) => ({
    way,
    'PSNR dB': Number(mean(each.map(({ psnr }) => psnr)).toFixed(2)),
    'at edges dB': Number(mean(each.map(({ psnrNearEdges }) => psnrNearEdges)).toFixed(2)),
    steepness: Number(mean(each.map(({ steepness }) => steepness)).toFixed(3)),
  }));
  await report('enhance-quality', { models: 'pocket', clips: clips.length, film: '3840x2160', scale: 2 }, rows);
} finally {
  await engine.close();
}
