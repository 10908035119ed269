import { pocketCosts, secondsOf } from '../../story/plan/estimate.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import type { PlannedTask, StoryPlan } from '../../story/plan/plan.ts';
import type { StageTask } from '../../story/plan/task.ts';

/**
 * The tasks that still have to be done one after the other before there is a film: the longest row by estimated work, first
 * task first. Empty when the film is made. What nobody needs any more, because a later artifact is there, is not in it.
 *
 * @param done Keys of the tasks that are done.
 */
export function longestWay(plan: StoryPlan, done: ReadonlySet<string>): readonly PlannedTask[] {
  const planned = new Map(tasksOf(plan).map((entry) => [entry.task.key, entry]));
  const known = new Map<string, { readonly seconds: number; readonly before: string | null }>();
  const lengthTo = (task: StageTask): number => {
    const found = known.get(task.key);
    if (found !== undefined) return found.seconds;
    let longest = 0;
    let before: string | null = null;
    for (const { key } of task.inputs) {
      const input = planned.get(key)?.task;
      if (input === undefined || done.has(key)) continue;
      const seconds = lengthTo(input);
      if (seconds > longest) [longest, before] = [seconds, key];
    }
    const seconds = longest + secondsOf(task, pocketCosts[task.stage]);
    known.set(task.key, { seconds, before });
    return seconds;
  };
  if (done.has(plan.film.key)) return [];
  lengthTo(plan.film);
  const way: PlannedTask[] = [];
  for (let key: string | null = plan.film.key; key !== null; key = known.get(key)?.before ?? null) {
    const entry = planned.get(key);
    if (entry !== undefined) way.unshift(entry);
  }
  return way;
}
