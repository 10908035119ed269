import type { ModelSetRef } from '../models/model-set.ts';
import type { OutputPlan } from '../plan/plan.ts';
import type { TaskContext, TaskRun } from '../plan/task-run.ts';
import type { GateDecision } from '../script/gate.ts';
import type { StoryScript } from '../script/script.ts';

/** Input of `publishFilm`. The plan is recomputed from script and models: it is a pure function of them. */
export interface PublishRequest {
  readonly script: StoryScript;
  readonly models: ModelSetRef;
  readonly context: TaskContext;
  readonly startedMs: number;
  readonly runs: readonly TaskRun[];
  /** What the gates of its shots came to; absent when there is none. */
  readonly gates?: readonly GateDecision[];
}

/** A further file of a story. */
export interface PublishedOutput {
  readonly name: string;
  readonly key: string;
  /** Presigned, as those of the film. */
  readonly url: string;
  readonly codec: OutputPlan['codec'];
  /** A stream: `key` is its playlist, beside which all its files lie; size is that of the largest. Absent: one file. */
  readonly stream?: true;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** Where a published film is. URLs are presigned and expire; the keys stay. */
export interface PublishedFilm {
  readonly bucket: string;
  readonly filmKey: string;
  readonly posterKey: string;
  readonly storyboardKey: string;
  readonly manifestKey: string;
  /** Captions as WebVTT and as SRT; absent when the film has none. */
  readonly captionsKey?: string;
  readonly subtitlesKey?: string;
  readonly filmUrl: string;
  readonly posterUrl: string;
  readonly storyboardUrl: string;
  readonly manifestUrl: string;
  readonly urlsExpireMs: number;
  /** Further files, in the order of the script; absent when there are none. */
  readonly outputs?: readonly PublishedOutput[];
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly cacheHits: number;
  readonly computed: number;
}
