/**
 * What the workflows add to a story: the time between the end of a task and the start of the next on the critical path, with our
 * settings of the Temporal server and with its own rate of the transfer queue. Run: `npx tsx bench/overhead.ts`. Prints a table and
 * writes bench/results/overhead.json.
 *
 * Real server, real workflows; the pools only wait, and have a slot for every task.
 */
import { planStory } from '../story/plan/plan-story.ts';
import { tasksOf } from '../story/plan/task-list.ts';
import { totalsOfRuns } from '../story/film/run-totals.ts';
import { freshStory, openFarm } from '../test/fakes/farm.ts';
import type { Farm } from '../test/fakes/farm.ts';
import { startTestServer } from '../test/temporal-setup.mjs';
import stopTemporal from '../test/temporal-teardown.mjs';
import { record } from '../workflows/messages.ts';
import { report } from './report.ts';
import type { Row } from './report.ts';

const stageMs = 2_000;
/** A stage of the public models on a GPU takes a minute and more. */
const gpuStageMs = 60_000;
const servers = [
  { server: 'our settings', changes: {} },
  { server: '20 polls of the transfer queue a second', changes: { 'history.transferProcessorMaxPollRPS': 20 } },
];

async function measure(farm: Farm, numShots: number): Promise<Row> {
  const input = freshStory(numShots);
  const { handle } = await farm.submit(input);
  await handle.result();
  const { runs, startedMs } = await handle.query(record);
  const planned = tasksOf(planStory(input.script, input.models));
  const { makespanMs, criticalPath } = totalsOfRuns(planned, runs, startedMs);
  const addedMs = makespanMs - criticalPath.ms;
  const numStages = criticalPath.tasks.length;
  return {
    shots: numShots,
    tasks: runs.length,
    'makespan s': Number((makespanMs / 1000).toFixed(2)),
    'critical path s': Number((criticalPath.ms / 1000).toFixed(2)),
    'added ms': addedMs,
    '% of stages of a minute': Number(((100 * addedMs) / (numStages * gpuStageMs)).toFixed(2)),
  };
}

const rows: Row[] = [];
for (const { server, changes } of servers) {
  await startTestServer(changes);
  try {
    const farm = await openFarm({ maxCachedWorkflows: 100, stageMs });
    // The first story pays for code that is loaded on first use.
    await measure(farm, 1);
    for (const numShots of [1, 6, 13]) rows.push({ server, ...(await measure(farm, numShots)) });
    await farm.close();
  } finally {
    await stopTemporal();
  }
}
await report('overhead', { stageMs }, rows);
