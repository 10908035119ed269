import { setCurrentDetails } from '@temporalio/workflow';
import { decideGate, decisionWords, type GateDecision, type GateTake, judgeTake } from '../story/script/gate.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import { takesDetails } from './captions.ts';
import type { GateInput } from './contracts.ts';
import { runReadScores, runStage } from './pools.ts';
import { openReporter } from './reporter.ts';
import { createTaskRunner } from './task-runner.ts';

/**
 * Makes the clip of a gated shot, measures it, and makes it again with the next seed while it is under the gate and there are
 * retries left. Nothing is upscaled here: the shot goes on with the take that was decided for.
 */
export async function gateWorkflow(input: GateInput): Promise<GateDecision> {
  const { shot, gate, takes, storyId, producers, known } = input;
  const item = `shot ${shot}`;
  const reporter = openReporter(storyId);
  const measures: readonly PlannedTask[] = takes.map(({ measure }) => ({ item, task: measure }));
  const runner = createTaskRunner({
    tasks: [...producers, ...takes.flatMap(({ tasks }) => tasks), ...measures],
    known: [...known, ...producers.map(({ task }) => task.key)],
    perform: (planned) => runStage(input, planned),
    onBegin: ({ task }) => {
      reporter.tell({ item, stage: task.stage, state: 'running', result: null });
    },
    onEnd: (run) => {
      reporter.tell({ ...run, state: run.result.cacheHit ? 'cached' : 'done' });
    },
  });
  const judged: GateTake[] = [];
  try {
    for (const { seed, tasks, measure } of takes) {
      for (const { task } of tasks) await runner.ensureArtifact(task.key);
      await runner.ensureArtifact(measure.key);
      const scores = await runner.withArtifacts([measure.key], () => runReadScores(input, { item, task: measure }));
      judged.push(judgeTake(seed, scores, gate));
      setCurrentDetails(takesDetails(shot, gate, judged, null));
      if (judged.at(-1)?.passed === true) break;
    }
    const decision = decideGate(shot, gate, judged);
    setCurrentDetails(takesDetails(shot, gate, judged, decisionWords(decision)));
    return decision;
  } finally {
    await reporter.close();
  }
}
