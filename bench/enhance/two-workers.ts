/**
 * One shot enhanced and upscaled to 4K by one engine and by two, each on a core of its own, that take tasks as they get free.
 * Run: `npx tsx bench/enhance/two-workers.ts` on an idle machine of two cores or more. Prints a table and writes
 * bench/results/enhance-two-workers.json. Linux only.
 */
import { createHash } from 'node:crypto';
import type { StageTask } from '../../story/plan/task.ts';
import type { Workbench } from '../../test/harness/workbench.ts';
import { report, type Row } from '../report.ts';
import { openEnhanced, srEngine, type Part } from './enhanced-shot.ts';

const shot = { width: 3840, height: 2160, strength: 0.5, seconds: 4 };

/** Runs all parts on so many engines, each a core: enhancement first, and a segment as soon as its frames are there. */
async function makeShot(bench: Workbench, parts: readonly Part[], engines: number): Promise<number> {
  const waiting: StageTask[] = parts.map(({ enhance }) => enhance);
  const serve = async (engine: number): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const { key } = task;
      await bench.run(srEngine, task, engine);
      const part = parts.find(({ enhance }) => enhance.key === key);
      if (part !== undefined) waiting.push(part.segment);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: engines }, (_, engine) => serve(engine)));
  return (performance.now() - started) / 1000;
}

const rows: Row[] = [];
const films = new Set<string>();
let alone = 0;
for (const engines of [1, 2]) {
  const { bench, parts } = await openEnhanced(shot, { threads: 1 });
  try {
    for (let engine = 0; engine < engines; engine++) {
      await bench.pin(srEngine, engine, engine);
      // Opens the models.
      await bench.run(srEngine, parts[0]!.enhance, engine);
    }
    const seconds = await makeShot(bench, parts, engines);
    if (engines === 1) alone = seconds;
    const hash = createHash('sha256');
    for (const { segment } of parts) hash.update(await bench.artifact(segment.key));
    films.add(hash.digest('hex'));
    rows.push({
      engines,
      parts: parts.length,
      frames: parts.reduce((sum, { segment }) => sum + segment.params.count, 0),
      seconds: Number(seconds.toFixed(1)),
      'times as fast': Number((alone / seconds).toFixed(2)),
      'same bytes': films.size === 1 ? 'yes' : 'no',
    });
  } finally {
    await bench.close();
  }
}
await report('enhance-two-workers', { models: 'pocket', ...shot }, rows);
