import type { Client } from '@temporalio/client';
import { AbsentError } from '../client/absent-error.ts';
import { expectedMsOf, noPace, observePace, remainingMs } from '../client/pace.ts';
import type { ExpectedMs, Pace } from '../client/pace.ts';
import { fetchSnapshot } from '../client/progress-source.ts';
import { storyHandle } from '../client/story-client.ts';
import { explainFailure } from '../client/story-failure.ts';
import type { StoryFailure } from '../client/story-failure.ts';
import type { StorySnapshot } from '../client/story-snapshot.ts';
import type { StoryPlan } from '../story/plan/plan.ts';
import type { StoryScript } from '../story/script/script.ts';
import type { StoryResult } from '../workflows/contracts.ts';

/** A story at one moment: all that an answer about it is made of. */
export interface StoryMoment {
  readonly id: string;
  readonly runId: string;
  /** The workflow's own state, as Temporal names it: `RUNNING`, `COMPLETED`, … */
  readonly workflow: string;
  readonly startMs: number;
  /** `null` while it runs. */
  readonly endMs: number | null;
  readonly snapshot: StorySnapshot;
  readonly script: StoryScript;
  readonly plan: StoryPlan;
  readonly film: StoryResult | null;
  readonly failure: StoryFailure | null;
  /** Milliseconds until the film is there; `null` while unknown. */
  readonly remainingMs: number | null;
  readonly pace: Pace;
  readonly expected: ExpectedMs;
}

/** Whether nothing about a story can change any more. */
export function isOver({ workflow }: Pick<StoryMoment, 'workflow'>): boolean {
  return workflow !== 'RUNNING';
}

/**
 * Asks Temporal how a story is. What cannot have changed since `before` is not asked again: a run that is over, and the plan of a
 * script that is the same.
 * @throws AbsentError when there is no such story; PipelineError `STACK_UNAVAILABLE`.
 */
export async function readMoment(client: Client, id: string, before: StoryMoment | null): Promise<StoryMoment> {
  const story = storyHandle(client, id);
  const { runId, status, startTime, closeTime, type } = await story.describe();
  if (type !== 'storyWorkflow') throw new AbsentError(`'${id}' is no story; GET /v1/stories lists the stories`);
  const known = before?.runId === runId ? before : null;
  if (known !== null && isOver(known)) return known;
  const [snapshot, outline] = await Promise.all([fetchSnapshot(client, story), story.outline()]);
  const isSame = known?.plan.scriptHash === outline.scriptHash;
  const { script, plan } = isSame ? known : await story.recipe();
  const expected = isSame ? known.expected : expectedMsOf(plan);
  const pace = observePace(known?.pace ?? noPace, snapshot, Date.now());
  const workflow = status.name;
  const ended = workflow !== 'RUNNING' && workflow !== 'COMPLETED';
  return {
    id,
    runId,
    workflow,
    snapshot,
    script,
    plan,
    pace,
    expected,
    startMs: startTime.getTime(),
    endMs: closeTime?.getTime() ?? null,
    film: snapshot.status.state === 'done' ? await story.film() : null,
    failure: ended ? await story.result().then(() => null, explainFailure) : null,
    remainingMs: workflow === 'RUNNING' ? remainingMs(pace, expected) : null,
  };
}
