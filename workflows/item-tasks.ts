import { clipTasks, pictureTasks, segmentTasks } from '../story/plan/task-list.ts';
import { itemName } from '../story/plan/item-words.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import type { JoinPlan, ShotPlan, StoryPlan } from '../story/plan/plan.ts';
import { madeInputs } from '../story/plan/task.ts';

/** A shot or join with what follows from its plan. */
export interface StoryItem {
  readonly name: string;
  readonly plan: ShotPlan | JoinPlan;
  /** All its tasks, each after the ones it depends on. */
  readonly tasks: readonly PlannedTask[];
  /** Keys of the artifacts it needs of other items. */
  readonly inputs: readonly string[];
  /** Differs when any of its artifacts does. */
  readonly mark: string;
}

/** The shots and joins of a plan. */
export function itemsOf(plan: StoryPlan): readonly StoryItem[] {
  return [...plan.shots, ...plan.joins].map((item) => {
    const tasks = itemTasks(item);
    const keys = tasks.map(({ task }) => task.key);
    const inputs = tasks.flatMap(({ task }) => madeInputs(task).filter((key) => !keys.includes(key)));
    return { name: itemName(item), plan: item, tasks, inputs, mark: keys.join() };
  });
}

/** All tasks of an item, each after the ones it depends on. */
export function itemTasks(plan: ShotPlan | JoinPlan): readonly PlannedTask[] {
  return [...pictureTasks(plan), ...clipTasks(plan), ...segmentTasks(plan)].map((task) => ({
    item: itemName(plan),
    task,
  }));
}

/** The tasks of other items that an item rests on, directly or not, out of all tasks of its story. */
export function producersOf(item: StoryItem, all: readonly PlannedTask[]): readonly PlannedTask[] {
  const table = new Map(all.map((planned) => [planned.task.key, planned]));
  const found = new Map<string, PlannedTask>();
  const visit = (key: string): void => {
    const planned = table.get(key);
    if (planned === undefined || found.has(key)) return;
    found.set(key, planned);
    madeInputs(planned.task).forEach(visit);
  };
  item.inputs.forEach(visit);
  return [...found.values()];
}

/**
 * Workflow id of the child that makes an item. Items that come to other pixels have another id, so the Temporal UI keeps
 * the takes of a shot apart.
 */
export function childIdOf(storyId: string, item: StoryItem): string {
  const last = item.tasks.at(-1);
  return `${storyId}/${item.plan.id}-${(last?.task.key ?? '').slice(0, 8)}`;
}
