/**
 * What enhancement does to a shot beside sharpening it: flicker where nothing moves, colours, and the joins of parts that are made
 * apart. Run: `npx tsx bench/enhance/steadiness.ts [clips] [strength …]`. Prints a table and writes
 * bench/results/enhance-steadiness.json.
 *
 * All differences are mean absolute ones in bytes. Still are the points of a frame that the plainly enlarged frames leave as they were in
 * the frame before. What is painted is an enhanced frame less the plainly enlarged one.
 */
import type { RgbFrames } from '../../media/frame-file.ts';
import { resizePlane } from '../../tensor/resize.ts';
import { runInterp } from '../../workers/interp/pipeline.ts';
import { runEnhance } from '../../workers/sr/enhance.ts';
import { ClipEngine, readFrames } from '../../test/harness/clip-engine.ts';
import { report, type Row } from '../report.ts';

const prompts = [
  'a red boat sails to the right on the sea at sunset',
  'a white robot comes closer on the grass in the middle by day',
];
const [numClips = '2', ...asked] = process.argv.slice(2);
const strengths = asked.length > 0 ? asked.map(Number) : [0.25, 0.5, 1];
const scale = 2;

/** Frames as the enhancer gets them, plainly enlarged. */
function enlarged({ count, width, height, data }: RgbFrames): RgbFrames {
  const [area, wide, high] = [width * height, scale * width, scale * height];
  const large = new Uint8ClampedArray(count * 3 * wide * high);
  for (let plane = 0; plane < 3 * count; plane++) {
    const part = { width, height, data: data.subarray(plane * area, (plane + 1) * area) };
    large.set(resizePlane(part, wide, high, 'bicubic'), plane * wide * high);
  }
  return { count, width: wide, height: high, data: Uint8Array.from(large) };
}

/** Sums over frames of a clip. */
class Tally {
  #sum = 0;
  #count = 0;

  add(value: number, count = 1): void {
    this.#sum += value;
    this.#count += count;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }
}

interface Steadiness {
  readonly still: Tally;
  readonly stillPlain: Tally;
  readonly inside: Tally;
  readonly joins: Tally;
  shift: number;
}

function compare(plain: RgbFrames, made: RgbFrames, joins: ReadonlySet<number>, found: Steadiness): void {
  const area = plain.width * plain.height;
  const size = 3 * area;
  for (let frame = 0; frame < plain.count; frame++) {
    for (let channel = 0; channel < 3; channel++) {
      const start = frame * size + channel * area;
      let difference = 0;
      for (let at = start; at < start + area; at++) difference += made.data[at]! - plain.data[at]!;
      found.shift = Math.max(found.shift, Math.abs(difference) / area);
    }
    if (frame === 0) continue;
    let [moved, still, stillPlain, numStill] = [0, 0, 0, 0];
    for (let at = frame * size; at < (frame + 1) * size; at++) {
      const before = at - size;
      const source = plain.data[at]! - plain.data[before]!;
      const own = made.data[at]! - made.data[before]!;
      moved += Math.abs(own - source);
      if (Math.abs(source) > 1) continue;
      still += Math.abs(own);
      stillPlain += Math.abs(source);
      numStill++;
    }
    found.still.add(still, numStill);
    found.stillPlain.add(stillPlain, numStill);
    (joins.has(frame) ? found.joins : found.inside).add(moved / size);
  }
}

const engine = await ClipEngine.open();
const rows: Row[] = [];
try {
  const clips = new Map<string, string>();
  for (const strength of strengths) {
    const found: Steadiness = {
      still: new Tally(),
      stillPlain: new Tally(),
      inside: new Tally(),
      joins: new Tally(),
      shift: 0,
    };
    for (const prompt of prompts.slice(0, Number(numClips))) {
      const shot = engine.plan(
        `prompt: ${prompt}, seed: 7, enhance: { scale: ${String(scale)}, strength: ${String(strength)} }`,
      );
      if (!clips.has(prompt)) {
        const { file } = await engine.base(shot);
        clips.set(prompt, await engine.run(runInterp, shot.interp, [file]));
      }
      const file = clips.get(prompt)!;
      const parts: RgbFrames[] = [];
      for (const task of shot.enhance ?? []) parts.push(await readFrames(await engine.run(runEnhance, task, [file])));
      const plain = enlarged(await readFrames(file));
      const data = new Uint8Array(plain.data.length);
      const joins = new Set<number>();
      let done = 0;
      for (const part of parts) {
        data.set(part.data, done * 3 * plain.width * plain.height);
        if (done > 0) joins.add(done);
        done += part.count;
      }
      compare(plain, { ...plain, data }, joins, found);
    }
    const rounded = (value: number): number => Number(value.toFixed(3));
    rows.push({
      strength,
      'still, plain': rounded(found.stillPlain.mean),
      'still, enhanced': rounded(found.still.mean),
      'largest colour shift': rounded(found.shift),
      'painting changes inside': rounded(found.inside.mean),
      'painting changes at joins': rounded(found.joins.mean),
    });
  }
  await report('enhance-steadiness', { models: 'pocket', clips: Number(numClips), scale }, rows);
} finally {
  await engine.close();
}
