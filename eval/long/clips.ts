/**
 * VBench-Long: a long video is cut into clips, and each clip is scored by VBench.
 *
 * Vchitect/VBench @45e79ec, `vbench2_beta_long/utils.py` (`split_video_into_clips`, `reorganize_clips_results`) and
 * `configs/clip_length_mix.yaml`. The published cut at scene changes (PySceneDetect) comes before this and is optional.
 */
import type { Dimension } from '../formulas/dimensions.ts';
import { meanOf } from '../formulas/video-score.ts';

/** Frames `from … to−1`. */
export interface ClipRange {
  readonly from: number;
  readonly to: number;
}

/** Length of the clips of a dimension, seconds. */
export function clipSeconds(dimension: Dimension): number {
  return dimension === 'human_action' || dimension === 'temporal_style' || dimension === 'overall_consistency' ? 10 : 2;
}

/**
 * Cuts a video into clips of one length. A rest at the end becomes a clip of full length that reaches back into the clip
 * before; a video shorter than one clip stays whole. The frame rate is cut down to a whole number first, as in the reference.
 */
export function clipRanges(numFrames: number, fps: number, seconds: number): readonly ClipRange[] {
  const length = Math.trunc(fps) * seconds;
  if (numFrames < length) return [{ from: 0, to: numFrames }];
  const whole = Math.floor(numFrames / length);
  const clips = Array.from({ length: whole }, (_, index) => ({ from: index * length, to: (index + 1) * length }));
  return numFrames % length === 0 ? clips : [...clips, { from: Math.max(0, numFrames - length), to: numFrames }];
}

/** Videos of at least this length are scored in pieces; seconds. */
const longSeconds = 5;
const pieceSeconds = 2;

/** The pieces in which a video is looked at: a long one in clips of two seconds, any other whole. */
export function piecesOf(numFrames: number, fps: number): readonly ClipRange[] {
  return numFrames >= longSeconds * fps ? clipRanges(numFrames, fps, pieceSeconds) : [{ from: 0, to: numFrames }];
}

/**
 * Score of a set of long videos from the scores of their clips; `null` without clips.
 *
 * The reference means to average per video first, but groups clips by a path that holds the clip's own name, so every clip
 * counts alike. Only behind its static filter, whose clips lie in another folder, do videos count alike.
 */
export function longScore(clipScoresByVideo: readonly (readonly number[])[], filtered = false): number | null {
  const perVideo = clipScoresByVideo.map((clips) => meanOf(clips)).filter((mean) => mean !== null);
  return meanOf(filtered ? perVideo : clipScoresByVideo.flat());
}
