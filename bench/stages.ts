/**
 * What a task of each stage costs: the ground of `story/plan/estimate.ts`. Run: `npx tsx bench/stages.ts`. Prints a table and writes
 * bench/results/stages.json. Linux only.
 *
 * Processor seconds hold on a busy machine, wall seconds on an idle one.
 */
import { madeShots } from '../story/plan/plan.ts';
import { stages } from '../story/plan/stages.ts';
import type { StageTask } from '../story/plan/task.ts';
import { framesOf } from '../workers/stage-telemetry.ts';
import { report, type Row } from './report.ts';
import { Workbench } from '../test/harness/workbench.ts';

const bench = await Workbench.open();
const rows: Row[] = [];

/** The first task of an engine opens the models; the second tells what one costs. */
async function measure(task: StageTask, warmUp: StageTask = task): Promise<void> {
  const entry = `workers/${stages[task.stage].pool}/engine.ts`;
  await bench.run(entry, warmUp);
  const before = await bench.processorSeconds(entry);
  const { busyMs, peakBytes } = await bench.run(entry, task);
  const processor = (await bench.processorSeconds(entry)) - before;
  rows.push({
    stage: task.stage,
    frames: framesOf(task),
    steps: 'steps' in task.params ? task.params.steps : 0,
    'cpu s': Number(processor.toFixed(1)),
    'wall s': Number((busyMs / 1000).toFixed(1)),
    'engine MiB': Math.round(peakBytes / 2 ** 20),
  });
}

try {
  const [first, second] = madeShots(bench.plan);
  const work = bench.plan.joins[0]!.work;
  if (work.kind !== 'seine') throw new Error('the first example joins its shots by seine transitions');
  await measure(second!.base, first!.base);
  await measure(work.transition);
  await measure(first!.interp);
  await measure(first!.segments[0]!);
} finally {
  await bench.close();
}
await report('stages', { story: 'examples/first-film.yaml', models: 'pocket' }, rows);
