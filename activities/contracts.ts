import type { CampaignInput } from '../eval/campaign/campaign.ts';
import type { CampaignSummary, ClipScores, ReadScoresRequest, ScoreRequest } from '../eval/campaign/contracts.ts';
import type { PublishedFilm, PublishRequest } from '../story/film/published-film.ts';
import type { StageRequest, StageResult } from '../story/plan/task-run.ts';
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
  TransitionTask,
} from '../story/plan/task.ts';

/**
 * The contracts between workflows and activities: types only. One object in, one object out, JSON-plain, references
 * instead of frames: a payload lives in a workflow's history for ever.
 */

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

/** Activities of the CPU pool. */
export interface EditActivities {
  /** A cross-fade between two clips. */
  dissolveClips(request: StageRequest<DissolveTask>): Promise<StageResult>;
  /** All segments to one film, without re-encoding. */
  stitchSegments(request: StageRequest<FilmTask>): Promise<StageResult>;
  /** Gives the film its pretty name, poster, storyboard and manifest. */
  publishFilm(request: PublishRequest): Promise<PublishedFilm>;
}

/** Activities of campaigns, in the CPU pool. */
export interface CampaignActivities {
  /** Scores the clips of a prompt and files them; the formulas alone, nothing is looked at again. */
  scoreSamples(request: ScoreRequest): Promise<void>;
  /** Sums up a campaign whose prompts are all filed, and files the sum. */
  fileCampaign(request: { readonly campaignId: string; readonly input: CampaignInput }): Promise<CampaignSummary>;
  /** The scores of one measured clip in the dimensions that need no labels. */
  readScores(request: ReadScoresRequest): Promise<ClipScores>;
}
