import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ModelSetRef } from '../models/model-set.ts';
import { scriptLimits } from '../script/script-limits.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import type { StoryScript } from '../script/script.ts';
import type { JoinPlan, PlannedTask, ShotPlan, StoryPlan } from './plan.ts';

/**
 * Temporal's messages hold 2 MiB, in bytes: a letter of most scripts of the world takes two or three. What is more would be
 * accepted by every check of a client and block the workflow for ever.
 */
const messageBytes = 2_000_000;
/** One run in the message that publishes the film, without its item's name: two hashes, some times, a stage. */
const runBytes = 375;
/** A child gets its plan, the tasks it rests on and the keys that exist already in one message. */
const itemBytes = 1_500_000;

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return utf8ToBytes(JSON.stringify(value)).length;
}

/** What makes a planned story too large to be run, each with the place of its cause. */
export function sizeProblems(
  plan: StoryPlan,
  tasks: readonly PlannedTask[],
  script: StoryScript,
  models: ModelSetRef,
): ScriptProblem[] {
  const numTasks = tasks.length;
  if (numTasks > scriptLimits.tasks) {
    const found = `come to ${numTasks} tasks for ${Math.round(plan.seconds)} seconds of film`;
    return [planProblem('shots', `${found}; a story has at most ${scriptLimits.tasks} tasks; make it two stories`)];
  }
  const whole =
    jsonBytes(script) + jsonBytes(models) + tasks.reduce((sum, { item }) => sum + runBytes + item.length, 0);
  if (whole > messageBytes) {
    const found = `come to ${whole} bytes with the records of their ${numTasks} tasks`;
    return [
      planProblem('shots', `${found}; a story has at most ${messageBytes}; shorten prompts or make it two stories`),
    ];
  }
  return [...plan.shots, ...plan.joins].flatMap((item) => {
    const bytes = jsonBytes(item);
    if (bytes <= itemBytes) return [];
    const place = placeOf(item, script);
    const found = `comes to ${bytes} bytes, because each of its tasks carries its prompts`;
    return [
      planProblem(
        place,
        `${found}; at most ${itemBytes} fit; shorten its prompts or its seconds, or make it two shots`,
      ),
    ];
  });
}

function placeOf(item: ShotPlan | JoinPlan, script: StoryScript): string {
  const id = item.kind === 'shot' ? item.id : item.after;
  const index = script.shots.findIndex((shot) => shot.id === id);
  return `shots[${index}]${item.kind === 'join' ? '.join' : ''}`;
}
