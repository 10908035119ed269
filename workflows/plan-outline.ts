import type { StageName } from '../story/plan/task.ts';
import type { PlanOutline } from './contracts.ts';
import type { StoryLedger } from './ledger.ts';

/** The plan of a story in short. */
export function planOutline({ plan, items }: Pick<StoryLedger, 'plan' | 'items'>): PlanOutline {
  const { title, scriptHash, output, timeline, numFrames, seconds, film } = plan;
  return {
    title,
    scriptHash,
    output,
    timeline,
    numFrames,
    seconds,
    filmKey: film.key,
    items: items.map(({ name, tasks }) => {
      const counts: Partial<Record<StageName, number>> = {};
      for (const { task } of tasks) counts[task.stage] = (counts[task.stage] ?? 0) + 1;
      return { item: name, tasks: counts };
    }),
  };
}
