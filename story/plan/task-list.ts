import { itemName } from './item-words.ts';
import { soundItem, soundTasks } from './plan-sound.ts';
import { isMade } from './plan.ts';
import type { JoinPlan, PlannedTask, ShotPlan, StoryPlan } from './plan.ts';
import type { InterpTask, PictureTask, StageTask } from './task.ts';

/** All tasks of a plan, each after the ones it depends on. Shots that are alike in every respect share a key and both appear. */
export function tasksOf(plan: StoryPlan): PlannedTask[] {
  const of = (item: ShotPlan | JoinPlan, tasks: readonly StageTask[]): PlannedTask[] =>
    tasks.map((task) => ({ item: itemName(item), task }));
  return [
    ...plan.shots.flatMap((shot) => of(shot, [...pictureTasks(shot), ...clipTasks(shot), ...segmentTasks(shot)])),
    ...plan.joins.flatMap((join) => of(join, [...clipTasks(join), ...segmentTasks(join)])),
    ...filmTasks(plan),
    ...soundTasks(plan).map((task) => ({ item: soundItem, task })),
    { item: 'film', task: plan.film },
    ...outputTasks(plan),
  ];
}

/**
 * The tasks that belong to no shot's or join's own work and come before the film: cards, segments with captions burnt in, and those that are
 * encoded anew.
 */
export function filmTasks({ cards = [], burns = [], renditions = [] }: StoryPlan): readonly PlannedTask[] {
  const drawn = cards.flatMap((card) => card.segments.map((task) => ({ item: itemName(card), task })));
  return [...drawn, ...burns, ...renditions];
}

/** The tasks that put the further files of a story together. */
export function outputTasks({ outputs = [] }: Pick<StoryPlan, 'outputs'>): readonly PlannedTask[] {
  return outputs.map(({ name, task }) => ({ item: `output ${name}`, task }));
}

/** The tasks that encode the pictures of a shot, each once; a join has none. */
export function pictureTasks(item: ShotPlan | JoinPlan): readonly PictureTask[] {
  const pictures = item.kind === 'shot' && isMade(item) ? (item.pictures ?? []) : [];
  return [...new Map(pictures.map(({ task }) => [task.key, task])).values()];
}

/** The tasks that make the clip of a shot or join, one after the other, without pictures and segments; of a clip of one's own, its ends. */
export function clipTasks(item: ShotPlan | JoinPlan): readonly StageTask[] {
  if (item.kind === 'shot' && !isMade(item)) {
    return [item.footage.first, item.footage.last].filter((task) => task !== undefined);
  }
  const interpOf = (interp: InterpTask): InterpTask[] => (item.skipsInterp === true ? [] : [interp]);
  if (item.kind === 'shot') return [...(item.earlier ?? []), item.base, ...interpOf(item.interp)];
  switch (item.work.kind) {
    case 'seine':
      return [item.work.transition, ...interpOf(item.work.interp)];
    case 'dissolve':
      return [item.work.dissolve];
    case 'mix':
      return item.work.lent;
  }
}

/** The tasks of an item that follow its clip, each segment after its enhanced frames. */
export function segmentTasks(item: ShotPlan | JoinPlan): readonly StageTask[] {
  return item.segments.flatMap((segment, index) => {
    const enhance = item.enhance?.[index];
    return enhance === undefined ? [segment] : [enhance, segment];
  });
}
