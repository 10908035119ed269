import { PipelineError } from '../errors/pipeline-error.ts';
import type { RgbFrames } from '../media/frame-file.ts';
import type { RgbPicture } from '../media/picture.ts';
import { openFrameReader } from '../media/read-frames.ts';
import { type Dimension, dimensionNames, dimensions } from './formulas/dimensions.ts';
import { normalizedScore } from './formulas/final-score.ts';
import { poolScores } from './formulas/video-score.ts';
import { frameConsistency } from './formulas/frame-consistency.ts';
import { type ClipRange, clipSeconds, piecesOf } from './long/clips.ts';
import { longRanges, longThreshold } from './long/long-ranges.ts';
import { mappingTables } from './long/mapping-tables.ts';
import { SceneDetector, sceneSettings } from './long/scene-cuts.ts';
import { slowFastConsistency } from './long/slow-fast.ts';
import { type MeasuredScore, scoreClip } from './score-clip.ts';
import { ClipView } from './perception/clip-view.ts';
import { planarFrames } from './perception/planar-frames.ts';
import { type PerceptionSet, comparableWithLeaderboard } from './perception/roles.ts';

/** One dimension of a measured video. */
export interface VideoDimension {
  readonly dimension: Dimension;
  /** Raw score, as the dimension's formula gives it; `null` when the video is too short for it. */
  readonly score: number | null;
  /** The score on the dimension's published range, where 0 … 1. */
  readonly normalized: number | null;
  readonly model: string;
}

/** What a video got. */
export interface VideoReport {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  /** Clips that were measured apart and pooled: 1 for a video under five seconds. */
  readonly clips: number;
  readonly dimensions: readonly VideoDimension[];
  /** Dimensions that were not measured, with the reason. */
  readonly missing: readonly { readonly dimension: Dimension; readonly reason: string }[];
  /** Size at which frames were looked at, pixels. */
  readonly looked: { readonly width: number; readonly height: number };
  /** Whether the scores may be put beside the public leaderboard: all by its models, of frames as they are in the file. */
  readonly comparable: boolean;
}

/** What {@link scoreVideo} takes. */
export interface VideoReportOptions {
  readonly models: PerceptionSet;
  /** As VBench-Long: cut where scenes change, and consistency between clips mixed in (slow-fast). */
  readonly long?: boolean;
  /** Hears how many frames are done. */
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Measures a film or clip in the dimensions that need no labels. A video of five seconds or more is measured in clips of two
 * seconds. With `long` it is cut at scene changes first, as VBench-Long does; without, a clip across a cut scores lower on consistency.
 * Two clips are held in memory at most, of frames no wider than the models look at.
 *
 * @throws PipelineError `MEDIA_FAILED` when the file is not an H.264 MP4 with a whole frame rate, or damaged.
 */
export async function scoreVideo(file: string, options: VideoReportOptions): Promise<VideoReport> {
  const { models } = options;
  const reader = await openFrameReader(file, { maxWidth: models.maxWidth });
  try {
    const { fileWidth, fileHeight, fps, numFrames } = reader;
    const ranges =
      options.long === true
        ? longRanges(numFrames, fps, clipSeconds('subject_consistency'), await sceneChanges(file))
        : piecesOf(numFrames, fps);
    const firsts: RgbFrames[] = [];
    const clips: (readonly MeasuredScore[])[] = [];
    for await (const frames of clipsOf(reader.frames(), ranges)) {
      firsts.push({ ...frames, count: 1, data: frames.data.slice(0, 3 * frames.width * frames.height) });
      clips.push(await scoreClip(new ClipView(frames), fps, models));
      options.onProgress?.(ranges[clips.length - 1]?.to ?? numFrames, numFrames);
    }
    if (clips.length !== ranges.length) {
      throw new PipelineError(
        'MEDIA_FAILED',
        `${file} shows fewer frames than the ${String(numFrames)} of its index; make it again`,
      );
    }
    const scores = options.long === true ? await slowFast(pooled(clips), firsts, models) : pooled(clips);
    return {
      file,
      width: fileWidth,
      height: fileHeight,
      fps,
      frames: numFrames,
      clips: clips.length,
      dimensions: scores,
      missing: missingOf(scores),
      looked: { width: reader.width, height: reader.height },
      comparable: reader.width === fileWidth && comparableWithLeaderboard(scores),
    };
  } finally {
    await reader.close();
  }
}

/** Frames that scenes begin with. */
async function sceneChanges(file: string): Promise<readonly number[]> {
  const reader = await openFrameReader(file, { maxWidth: 256 });
  const detector = new SceneDetector({ ...sceneSettings, threshold: longThreshold });
  const changes: number[] = [];
  try {
    for await (const picture of reader.frames()) {
      const change = detector.next(picture);
      if (change !== null) changes.push(change);
    }
  } finally {
    await reader.close();
  }
  return changes;
}

/** Scores with how alike the first frames of all clips are mixed into both consistencies. */
async function slowFast(
  scores: readonly VideoDimension[],
  firsts: readonly RgbFrames[],
  { subject, background }: PerceptionSet,
): Promise<readonly VideoDimension[]> {
  const describers = { subject_consistency: subject, background_consistency: background };
  const mixed: VideoDimension[] = [];
  for (const each of scores) {
    const { dimension, score } = each;
    const slow = dimension === 'subject_consistency' || dimension === 'background_consistency' ? dimension : null;
    const describer = slow === null ? undefined : describers[slow];
    if (slow === null || describer === undefined || score === null || firsts.length < 2) {
      mixed.push(each);
      continue;
    }
    const features: Float32Array[] = [];
    for (const first of firsts) features.push(...(await describer.describe(new ClipView(first), noPause)));
    const between = frameConsistency(features)?.score ?? 0;
    const made = slowFastConsistency(score, between, mappingTables[slow]);
    mixed.push({
      ...each,
      score: made,
      normalized: normalizedScore(made, dimensions[dimension]),
      model: `${each.model}, slow-fast`,
    });
  }
  return mixed;
}

const noPause = (): Promise<void> => Promise.resolve();

/** Gathers pictures into clips; ranges rise and may overlap. */
async function* clipsOf(pictures: AsyncIterable<RgbPicture>, ranges: readonly ClipRange[]): AsyncGenerator<RgbFrames> {
  const waiting = [...ranges];
  let held: RgbPicture[] = [];
  let from = 0;
  for await (const picture of pictures) {
    held.push(picture);
    for (let next = waiting[0]; next !== undefined && from + held.length >= next.to; next = waiting[0]) {
      yield planarFrames(held.slice(next.from - from, next.to - from));
      waiting.shift();
      const keepFrom = waiting[0]?.from ?? next.to;
      held = held.slice(keepFrom - from);
      from = keepFrom;
    }
  }
}

function pooled(clips: readonly (readonly MeasuredScore[])[]): readonly VideoDimension[] {
  return (clips[0] ?? []).map(({ dimension, model }) => {
    const score = poolScores(clips.map((clip) => clip.find((each) => each.dimension === dimension)?.score ?? null));
    return {
      dimension,
      model,
      score,
      normalized: score === null ? null : normalizedScore(score, dimensions[dimension]),
    };
  });
}

function missingOf(scores: readonly VideoDimension[]): VideoReport['missing'] {
  return dimensionNames
    .filter((dimension) => !scores.some((score) => score.dimension === dimension))
    .map((dimension) => ({
      dimension,
      reason: dimensions[dimension].labelFree ? 'no model for it' : 'needs to know what the prompt asks for',
    }));
}
