/**
 * What FreeNoise costs: time of a denoising step against one window over the same frames, and memory of the longest shot.
 * Run: `npx tsx bench/freenoise.ts` on an idle machine. Prints a table and writes bench/results/freenoise.json.
 */
import { peakMemoryBytes, resetPeakMemory } from '../engine/peak-memory.ts';
import { ClipEngine } from '../test/harness/clip-engine.ts';
import { report } from './report.ts';

const prompt = 'prompt: a red boat sails to the right on the sea at sunset';
const cases = [
  { name: 'one clip', shot: `${prompt}, steps: 6` },
  { name: 'FreeNoise', shot: `${prompt}, steps: 6, seconds: 10.5` },
  { name: 'one window', shot: `${prompt}, steps: 6, seconds: 10.5, freenoise: false` },
  { name: 'FreeNoise', shot: `${prompt}, steps: 2, seconds: 85.2` },
];

const engine = await ClipEngine.open();
try {
  // The first call of a graph pays for its memory.
  await engine.base(engine.plan(`${prompt}, steps: 1`));
  const rows = [];
  for (const { name, shot } of cases) {
    const plan = engine.plan(shot);
    resetPeakMemory();
    const { calls } = await engine.base(plan);
    const times = calls.filter(({ graph }) => graph === 'base/denoiser').map(({ ms }) => ms);
    rows.push({
      made: name,
      frames: plan.base.params.frames,
      // The fastest of a few is the least disturbed.
      'ms per step': Math.round(Math.min(...times)),
      'peak MiB': Math.round(peakMemoryBytes() / 2 ** 20),
    });
  }
  await report('freenoise', { model: 'pocket-base', batch: 2 }, rows);
} finally {
  await engine.close();
}
