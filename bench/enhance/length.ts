/**
 * Memory of the super-resolution pool, worker and engine together, and cost per frame, for an enhanced shot at 4K and for one ten
 * times as long. Run: `npx tsx bench/enhance/length.ts`. Prints a table and writes bench/results/enhance-length.json. Linux only.
 *
 * Key frames are denoised in one step: what they show does not matter here.
 */
import { PrivateStack } from '../../test/harness/private-stack.ts';
import { report, type Row } from '../report.ts';
import { SrPool } from '../sr-pool.ts';
import { enhancedStory } from './enhanced-shot.ts';

const size = { width: 3840, height: 2160, strength: 0.5 };
/** Seconds of the shots: one clip of 61 frames, and 610 frames. */
const lengths = [undefined, 610 / 24];

const stack = await PrivateStack.create();
try {
  const pool = await SrPool.start(stack);
  const rows: Row[] = [];
  for (const [number, seconds] of lengths.entries()) {
    const shot = { ...size, ...(seconds === undefined ? {} : { seconds }) };
    const { tasks, row } = await pool.render(`shot-${String(number)}`, enhancedStory(shot));
    const perFrame = (stage: string): number => {
      const busy = tasks.filter((task) => task.stage === stage).reduce((sum, task) => sum + (task.run?.busyMs ?? 0), 0);
      return Math.round(busy / Number(row['frames']));
    };
    rows.push({ ...row, 'enhance ms/frame': perFrame('enhance'), 'segment ms/frame': perFrame('segment') });
  }
  await report('enhance-length', { models: 'pocket', scale: 2, strength: size.strength }, rows);
} finally {
  await stack.destroy();
}
