import type { PublishedFilm } from '../story/film/published-film.ts';
import type { StageResult, TaskRun } from '../story/plan/task-run.ts';
import type { GateDecision, GateSettings } from '../story/script/gate.ts';
import type { ModelSetRef } from '../story/models/model-set.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import type { JoinPlan, ShotPlan, StoryPlan } from '../story/plan/plan.ts';
import type { StoryScript } from '../story/script/script.ts';
import type { MeasureTask, StageName } from '../story/plan/task.ts';

/** What clients and the story workflow say to each other. Types only. */

/** Input of `storyWorkflow`, and of the update `submit`. */
export interface StoryInput {
  readonly script: StoryScript;
  readonly models: ModelSetRef;
  /** Whose work this is: pools serve tenants in turn. At most 64 bytes; all stories without one share one turn. */
  readonly tenant?: string;
  /**
   * The namespace knows the search attributes of `search-attributes.ts`, so the story may set them. To set an unknown one
   * would block the workflow for ever; hence the client looks first and says so here.
   */
  readonly indexed?: boolean;
}

/** State of one stage of one item. */
export type StageState = 'waiting' | 'running' | 'done' | 'cached' | 'failed';

/** One shot or join in the status, the sound, or the film. */
export interface ItemStatus {
  readonly item: string;
  readonly kind: 'shot' | 'join' | 'sound' | 'film';
  readonly stages: readonly {
    readonly stage: StageName;
    readonly state: StageState;
    readonly done: number;
    readonly of: number;
  }[];
  /** Workflow id of the child that works on it; `null` before it starts, and for sound and film, which the story makes itself. */
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
  /** Gates that have been decided; absent when there is none. */
  readonly gates?: readonly GateDecision[];
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

/** Answer of `reroll` and `editShot`. */
export interface ChangeReceipt {
  readonly shot: string;
  readonly seed: number;
  readonly prompt: string;
  /** Names of the shots and joins that are made again; all others stay as they are. */
  readonly remade: readonly string[];
}

/** Answer of the query `recipe`. */
export interface StoryRecipe {
  readonly script: StoryScript;
  readonly models: ModelSetRef;
}

/** Answer of the query `plan`: small for the largest story, because an answer holds two megabytes. */
export interface PlanOutline extends Pick<
  StoryPlan,
  'title' | 'scriptHash' | 'output' | 'timeline' | 'numFrames' | 'seconds'
> {
  readonly filmKey: string;
  /** Shots and joins, each with how many tasks it has of each stage. */
  readonly items: readonly { readonly item: string; readonly tasks: Readonly<Partial<Record<StageName, number>>> }[];
}

/** Answer of the query `manifest`: how the story came to be, so far. */
export interface StoryRecord {
  readonly script: StoryScript;
  readonly models: ModelSetRef;
  /** Unix milliseconds. */
  readonly startedMs: number;
  /** One run for each task that is done, in the order of the plan. */
  readonly runs: readonly TaskRun[];
  /** Gates that have been decided; absent when there is none. */
  readonly gates?: readonly GateDecision[];
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
  readonly tenant: string | null;
  /** Tasks of other items that this one rests on: they are run again when their artifact turns out lost. */
  readonly producers: readonly PlannedTask[];
  /** Keys of artifacts that the story has already, which the child need not ask for again. */
  readonly known: readonly string[];
}

/** Input of `gateWorkflow`: the takes of a gated shot, in the order in which they may be made. */
export interface GateInput {
  readonly shot: string;
  readonly gate: GateSettings;
  readonly takes: readonly PlannedTake[];
  readonly storyId: string;
  readonly tenant: string | null;
  readonly producers: readonly PlannedTask[];
  readonly known: readonly string[];
}

/** A clip of a gated shot with one seed, planned. */
export interface PlannedTake {
  readonly seed: number;
  /** All that makes the clip, each after the ones it depends on. */
  readonly tasks: readonly PlannedTask[];
  readonly measure: MeasureTask;
}

/** Result of a child workflow. */
export interface ItemResult {
  readonly runs: readonly TaskRun[];
}

/** A stage changed its state: children tell the story so, several changes to a signal. */
export interface StageChange {
  readonly item: string;
  readonly stage: StageName;
  readonly state: StageState;
  /** What a finished task cost; `null` when the stage begins. */
  readonly result: StageResult | null;
}
