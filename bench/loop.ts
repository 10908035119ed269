/**
 * How much of the denoising loop is not ONNX Runtime: schedules, guidance, random numbers, checks, checkpoints, messages.
 * Run: `npx tsx bench/loop.ts`. Prints a table and writes bench/results/loop.json.
 *
 * Counted is the time that the engine's main thread spends on a processor, which runs the loop and takes its part in every
 * model call, so the share holds on a busy machine. Linux only.
 */
import { madeShots } from '../story/plan/plan.ts';
import type { LoopTimes } from './loop-engine.ts';
import { report } from './report.ts';
import { Workbench } from '../test/harness/workbench.ts';

const entry = 'bench/loop-engine.ts';
const heard: LoopTimes[] = [];
const bench = await Workbench.open({
  hear: (line) => {
    if (line.startsWith('{')) heard.push(JSON.parse(line) as LoopTimes);
  },
});
try {
  const [first, second] = madeShots(bench.plan);
  const work = bench.plan.joins[0]!.work;
  if (work.kind !== 'seine') throw new Error('the first example joins its shots by seine transitions');
  for (const task of [first!.base, second!.base, work.transition, first!.interp]) await bench.run(entry, task);
} finally {
  await bench.close();
}
const rows = heard.slice(1).map(({ stage, steps, loop, onnx }) => {
  const outsideMs = loop.threadMs - onnx.threadMs;
  return {
    stage,
    steps,
    'wall ms/step': Math.round(loop.wallMs / steps),
    'thread ms/step': Math.round(loop.threadMs / steps),
    'outside ONNX ms/step': Number((outsideMs / steps).toFixed(2)),
    'outside ONNX %': Number(((100 * outsideMs) / loop.threadMs).toFixed(2)),
  };
});
await report('loop', { story: 'examples/first-film.yaml', models: 'pocket', checkpointEvery: 4 }, rows);
