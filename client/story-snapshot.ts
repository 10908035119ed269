import type { StageProgress } from '../story/plan/task-run.ts';
import { stageNames, stages } from '../story/plan/stages.ts';
import type { StageName } from '../story/plan/task.ts';
import type { ItemStatus, StoryStatus } from '../workflows/contracts.ts';

/** What an activity does for the story: a stage, or the publishing that follows the film stage. */
export type LiveWork = StageName | 'publish';

const workOfActivity: ReadonlyMap<string, LiveWork> = new Map([
  ...stageNames.map((stage) => [stages[stage].activity, stage] as const),
  ['publishFilm', 'publish'],
]);

/** Which work an activity type does; `null` for a type that is not ours. */
export function liveWorkOf(activityType: string): LiveWork | null {
  return workOfActivity.get(activityType) ?? null;
}

/** An activity that Temporal has pending, as `describe` tells it. */
export interface LiveActivity {
  readonly work: LiveWork;
  /** Task queue that it waits in; empty when the server does not say. */
  readonly queue: string;
  /** A worker runs it; else it waits in its queue or for its next attempt. */
  readonly started: boolean;
  /** 1 for the first. */
  readonly attempt: number;
  readonly progress: StageProgress | null;
  /** What ended the attempt before; `null` on the first. */
  readonly lastFailure: string | null;
}

/** The story at one moment: what the workflow says, and what its activities last reported. */
export interface StorySnapshot {
  readonly status: StoryStatus;
  /** By item name; items without pending activities are absent. */
  readonly activities: ReadonlyMap<string, readonly LiveActivity[]>;
}

/** The stages of one item as the status lists them. */
export type ItemStage = ItemStatus['stages'][number];

/** The pending activities of one stage of one item. */
export function activitiesOf(snapshot: StorySnapshot, item: string, stage: StageName): readonly LiveActivity[] {
  return (snapshot.activities.get(item) ?? []).filter(({ work }) => work === stage);
}

/** Tasks of a stage that are done, counting the running ones by their reported share: 0…`of`. */
export function unitsDone(stage: ItemStage, activities: readonly LiveActivity[]): number {
  if (stage.state === 'done' || stage.state === 'cached') return stage.of;
  const shares = activities.map(({ started, progress }) =>
    started && progress !== null && progress.of > 0 ? Math.min(1, progress.done / progress.of) : 0,
  );
  return Math.min(stage.of, stage.done + shares.reduce((sum, share) => sum + share, 0));
}
