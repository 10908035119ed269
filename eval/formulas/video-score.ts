/** What one video got in one dimension, and how much it counts when videos are pooled. */
export interface VideoScore {
  /** Before normalisation; mostly 0 … 1, the published range of each dimension is in `dimensions.ts`. */
  readonly score: number;
  /** Frames or pairs behind it where the published code pools those, else 1. */
  readonly weight: number;
}

/**
 * The score of a set of videos in one dimension. VBench pools some dimensions per frame (subject and background
 * consistency, object class, multiple objects, scene, appearance style, spatial relationship) and the others per video;
 * the weight of each video says which. Videos that do not count (`null`, such as no visible object for `color`) drop out.
 *
 * @returns `null` when no video counts.
 */
export function poolScores(videos: readonly (VideoScore | null)[]): number | null {
  let sum = 0;
  let weights = 0;
  for (const video of videos) {
    if (video === null) continue;
    sum += video.score * video.weight;
    weights += video.weight;
  }
  return weights === 0 ? null : sum / weights;
}

/** Mean of numbers; `null` of none. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
