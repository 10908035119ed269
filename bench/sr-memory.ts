/**
 * Memory of the super-resolution pool, worker and engine together, at 4K for one clip and for ten. Run:
 * `npx tsx bench/sr-memory.ts`. Prints a table and writes bench/results/sr-memory.json. Linux only.
 *
 * The clips are denoised in one step: what they show does not matter to memory, and the pool's share of the time grows.
 */
import { PrivateStack } from '../test/harness/private-stack.ts';
import { report, type Row } from './report.ts';
import { SrPool } from './sr-pool.ts';

const clips = [1, 10];

/** A story of so many shots, all different, with cuts between them: 61 frames each. */
const storyOf = (numShots: number): string =>
  [
    'title: Memory',
    `defaults: { steps: 1, seed: ${String(numShots)} }`,
    'shots:',
    ...Array.from(
      { length: numShots },
      (_, n) => `  - { id: s${String(n)}, prompt: a red ball${n === 0 ? '' : ', join: cut'} }`,
    ),
  ].join('\n');

const stack = await PrivateStack.create();
try {
  const pool = await SrPool.start(stack);
  const rows: Row[] = [];
  for (const numShots of clips) {
    rows.push((await pool.render(`memory-${String(numShots)}`, storyOf(numShots))).row);
  }
  await report('sr-memory', { models: 'pocket' }, rows);
} finally {
  await stack.destroy();
}
