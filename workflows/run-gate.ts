import { ParentClosePolicy, WorkflowIdReusePolicy, startChild } from '@temporalio/workflow';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { GateDecision } from '../story/script/gate.ts';
import { interpolatedClip, planMeasure } from '../story/plan/plan-measure.ts';
import { replanShot } from '../story/plan/plan-story.ts';
import type { StoryScript } from '../story/script/script.ts';
import { jsonBytes } from '../story/plan/story-size.ts';
import { rerolled } from '../story/script/script-edits.ts';
import type { StoryLedger } from './ledger.ts';
import { gateSummary } from './captions.ts';
import { startPatiently } from './children.ts';
import type { GateInput, PlannedTake } from './contracts.ts';
import { gateWorkflow } from './gate.ts';
import { type StoryItem, producersOf } from './item-tasks.ts';
import type { Customer } from './pools.ts';
import type { Turnstile } from './turnstile.ts';

/** The takes that a gated shot may come to: its seed, and the ones after it. */
export function gateInputOf(item: StoryItem, ledger: StoryLedger, customer: Customer): GateInput {
  const { id } = item.plan;
  const gate = ledger.script.shots.find((shot) => shot.id === id)?.gate;
  if (gate === undefined) throw new PipelineError('INTERNAL', `shot ${id} has no gate`);
  const takes: PlannedTake[] = [];
  let script = ledger.script;
  for (let take = 0; take <= gate.retries; take++) {
    takes.push(planTake(id, script, ledger));
    script = rerolled(script, { shot: id });
  }
  return {
    shot: id,
    gate,
    takes,
    storyId: customer.storyId,
    tenant: customer.tenant,
    producers: producersOf(item, ledger.tasks),
    known: ledger.known(takes.flatMap(({ tasks }) => tasks)),
  };
}

function planTake(id: string, script: StoryScript, { models, plan }: StoryLedger): PlannedTake {
  const shot = replanShot(id, script, models, plan);
  const item = `shot ${id}`;
  const clip = interpolatedClip(shot, script.output.fps);
  return {
    seed: shot.base.params.seed,
    tasks: clip.tasks.map((task) => ({ item, task })),
    measure: planMeasure(clip, shot.base.params.prompt, models),
  };
}

/**
 * Has the takes made and judged by a child, so that the Temporal UI shows them as one thing. `onBegin` hears of the child, which
 * is where the progress of the item can be seen until there is a decision.
 */
export async function runGate(
  item: StoryItem,
  input: GateInput,
  starts: Turnstile,
  onBegin: (childId: string) => void,
): Promise<GateDecision> {
  const [first] = input.takes;
  const workflowId = `${input.storyId}/${item.plan.id}-gate-${(first?.measure.key ?? '').slice(0, 8)}`;
  const options = {
    workflowId,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: gateSummary(input),
  };
  const child = await starts(jsonBytes(input), () =>
    startPatiently(`gate of ${input.shot}`, () => startChild(gateWorkflow, { ...options, args: [input] })),
  );
  onBegin(workflowId);
  return child.result();
}
