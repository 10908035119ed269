/** A feature vector of one frame, video or text. */
export type Feature = Float32Array | readonly number[];

/**
 * Cosine of the angle between two vectors of one length, in float64.
 *
 * Where we differ: a vector of zeros has similarity 0 here; torch divides by a floor of 1e-8, which gives 0 as well.
 */
export function cosineSimilarity(left: Feature, right: Feature): number {
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let index = 0; index < left.length; index++) {
    const a = left[index] ?? 0;
    const b = right[index] ?? 0;
    dot += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  return leftSquares === 0 || rightSquares === 0 ? 0 : dot / Math.sqrt(leftSquares * rightSquares);
}
