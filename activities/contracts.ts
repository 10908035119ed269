import type { CampaignInput, SampleRecord } from '../eval/campaign/campaign.ts';
import type { CampaignRecord } from '../eval/campaign/record.ts';
import type { Dimension } from '../eval/formulas/dimensions.ts';
import type { SuitePrompt } from '../eval/suite.ts';
import type { GateDecision } from '../story/gate.ts';
import type { ModelSetRef } from '../story/model-set.ts';
import type { StoryScript } from '../story/script.ts';
import type {
  BaseTask,
  CompletionTask,
  DecodeTask,
  DissolveTask,
  EnhanceTask,
  FilmTask,
  InterpTask,
  MeasureTask,
  PictureTask,
  SegmentTask,
  StageName,
  TransitionTask,
} from '../story/task.ts';

/**
 * The contracts between workflows and activities: types only. One object in, one object out, JSON-plain, references
 * instead of frames: a payload lives in a workflow's history for ever.
 */

/** The four worker pools. */
export type Pool = 'base' | 'interp' | 'sr' | 'edit';

/** Which pool runs a stage. */
export const poolOfStage = {
  base: 'base',
  picture: 'base',
  completion: 'base',
  transition: 'base',
  interp: 'interp',
  decode: 'interp',
  dissolve: 'edit',
  enhance: 'sr',
  segment: 'sr',
  film: 'edit',
  measure: 'interp',
} as const satisfies Record<StageName, Pool>;

/** An artifact that lies in S3, verified. */
export interface ArtifactRef {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where a task runs in the story, for logs, metrics and the Temporal UI; not part of any key. */
export interface TaskContext {
  /** Workflow id of the story. */
  readonly storyId: string;
  /** `shot dawn`, `join dawn+storm` or `film`. */
  readonly item: string;
}

/** Input of every stage activity. */
export interface StageRequest<Task> {
  readonly task: Task;
  readonly context: TaskContext;
}

/** What running a stage cost. Times are Unix milliseconds. */
export interface StageResult {
  readonly artifact: ArtifactRef;
  /** The artifact was there already; nothing was computed. */
  readonly cacheHit: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Milliseconds that the engine computed for it, of this attempt. */
  readonly busyMs: number;
  /** Which step the attempt resumed from; 0 when from the start. */
  readonly resumedFromStep: number;
  readonly attempt: number;
  /** Peak resident memory of the engine, bytes; 0 on a cache hit. */
  readonly peakBytes: number;
  /** Memory level it was made at, when not 0: each level halves the frames per model call. */
  readonly shrink?: number;
}

/** Activities of the base pool. */
export interface BaseActivities {
  /** Text to the latents of a clip. */
  generateBaseClip(request: StageRequest<BaseTask>): Promise<StageResult>;
  /** A picture to the latents of one frame. */
  encodePicture(request: StageRequest<PictureTask>): Promise<StageResult>;
  /** The latents of a clip of which some frames are known. */
  completeClip(request: StageRequest<CompletionTask>): Promise<StageResult>;
  /** The latents between two clips. */
  generateTransition(request: StageRequest<TransitionTask>): Promise<StageResult>;
}

/** Activities of the interpolation pool. */
export interface InterpActivities {
  /** 16 latents to 61 decoded frames. */
  interpolateClip(request: StageRequest<InterpTask>): Promise<StageResult>;
  /** The latents of a clip to its frames, without any between them. */
  decodeClip(request: StageRequest<DecodeTask>): Promise<StageResult>;
  /** A clip to its scores. */
  measureClip(request: StageRequest<MeasureTask>): Promise<StageResult>;
}

/** Activities of the super-resolution pool. */
export interface SrActivities {
  /** Frames of a clip, enhanced. */
  enhanceClip(request: StageRequest<EnhanceTask>): Promise<StageResult>;
  /** Frames to one upscaled, encoded segment. */
  enhanceSegment(request: StageRequest<SegmentTask>): Promise<StageResult>;
}

/** One stage run of the story, for the manifest. */
export interface TaskRun {
  readonly item: string;
  readonly stage: StageName;
  readonly result: StageResult;
}

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

/** Where a published film is. URLs are presigned and expire; the keys stay. */
export interface PublishedFilm {
  readonly bucket: string;
  readonly filmKey: string;
  readonly posterKey: string;
  readonly storyboardKey: string;
  readonly manifestKey: string;
  readonly filmUrl: string;
  readonly posterUrl: string;
  readonly storyboardUrl: string;
  readonly manifestUrl: string;
  readonly urlsExpireMs: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly cacheHits: number;
  readonly computed: number;
}

/** Activities of the CPU pool. */
export interface EditActivities {
  /** A cross-fade between two clips. */
  dissolveClips(request: StageRequest<DissolveTask>): Promise<StageResult>;
  /** All segments to one film, without re-encoding. */
  stitchSegments(request: StageRequest<FilmTask>): Promise<StageResult>;
  /** Gives the film its pretty name, poster, storyboard and manifest. */
  publishFilm(request: PublishRequest): Promise<PublishedFilm>;
}

/** Input of `scoreSamples`: the clips of one prompt of a campaign, measured or failed. */
export interface ScoreRequest {
  readonly campaignId: string;
  readonly index: number;
  readonly prompt: SuitePrompt;
  readonly samples: readonly Omit<SampleRecord, 'outcomes'>[];
  readonly context: TaskContext;
}

/** What a campaign came to, without its clips. */
export type CampaignSummary = Pick<
  CampaignRecord,
  'id' | 'label' | 'dimensions' | 'missing' | 'mean' | 'cost' | 'failed'
>;

/** Activities of campaigns, in the CPU pool. */
export interface CampaignActivities {
  /** Scores the clips of a prompt and files them; the formulas alone, nothing is looked at again. */
  scoreSamples(request: ScoreRequest): Promise<void>;
  /** Sums up a campaign whose prompts are all filed, and files the sum. */
  fileCampaign(request: { readonly campaignId: string; readonly input: CampaignInput }): Promise<CampaignSummary>;
  /** The scores of one measured clip in the dimensions that need no labels. */
  readScores(request: ReadScoresRequest): Promise<ClipScores>;
}

/** Input of `readScores`. */
export interface ReadScoresRequest {
  readonly task: MeasureTask;
  readonly context: TaskContext;
}

/** Scores of one clip by dimension; what was not measured is absent. */
export type ClipScores = Readonly<Partial<Record<Dimension, number>>>;

/** Heartbeat details of a stage activity. */
export interface StageProgress {
  /** What is being counted: `step` or `frame`. */
  readonly unit: 'step' | 'frame';
  readonly done: number;
  readonly of: number;
  /** Memory level for the next attempt, when not 0. */
  readonly shrink?: number;
  /** How often the task has failed for want of memory or of a living engine, when not 0. */
  readonly setbacks?: number;
}

/** Failure detail of `ARTIFACT_MISSING` and `ARTIFACT_CORRUPT`: the key that must be made again. */
export interface LostArtifact {
  readonly key: string;
}
