import type { PublishedFilm, StageResult, TaskRun } from '../activities/contracts.ts';
import type { ModelSetRef } from '../story/model-set.ts';
import type { JoinPlan, ShotPlan } from '../story/plan.ts';
import type { StoryScript } from '../story/script.ts';
import type { StageName } from '../story/task.ts';

/** What clients and the story workflow say to each other. Types only. */

/** Input of `storyWorkflow`. */
export interface StoryInput {
  readonly script: StoryScript;
  readonly models: ModelSetRef;
}

/** State of one stage of one item. */
export type StageState = 'waiting' | 'running' | 'done' | 'cached' | 'failed';

/** One shot or join in the status. */
export interface ItemStatus {
  readonly item: string;
  readonly kind: 'shot' | 'join' | 'film';
  readonly stages: readonly {
    readonly stage: StageName;
    readonly state: StageState;
    readonly done: number;
    readonly of: number;
  }[];
  /** Workflow id of the child that works on it; `null` before it starts. */
  readonly childId: string | null;
}

/** Answer of the query `status`. */
export interface StoryStatus {
  readonly storyId: string;
  readonly title: string;
  readonly state: 'running' | 'paused' | 'stitching' | 'done' | 'failed' | 'cancelled';
  readonly items: readonly ItemStatus[];
  readonly tasksDone: number;
  readonly tasksOf: number;
  readonly cacheHits: number;
  /** Message of the failure, when there is one. */
  readonly failure: string | null;
}

/** Answer of the update `submit`. */
export interface SubmitReceipt {
  readonly storyId: string;
  readonly frames: number;
  readonly seconds: number;
  readonly tasks: number;
  readonly shots: number;
  readonly joins: number;
}

/** Update `reroll`: a shot again, with the given seed or the next one. */
export interface RerollRequest {
  readonly shot: string;
  readonly seed?: number;
}

/** Update `editShot`: new words for a shot. */
export interface EditShotRequest {
  readonly shot: string;
  readonly prompt: string;
}

/** Result of `storyWorkflow` and of the query `filmUrl` once there is a film. */
export interface StoryResult extends PublishedFilm {
  readonly storyId: string;
  readonly title: string;
}

/** Input of `shotWorkflow` and `joinWorkflow`. */
export interface ItemInput<Plan extends ShotPlan | JoinPlan> {
  readonly plan: Plan;
  readonly storyId: string;
}

/** Result of a child workflow. */
export interface ItemResult {
  readonly runs: readonly TaskRun[];
}

/** Signal from a child to the story: a stage changed its state. */
export interface StageChange {
  readonly item: string;
  readonly stage: StageName;
  readonly state: StageState;
  readonly result: StageResult | null;
}
