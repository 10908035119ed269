/**
 * Spatial relationship: whether two objects lie apart along the axis that the prompt names.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/spatial_relationship.py`. Published: GRiT boxes, 16 frames;
 * frames pool.
 *
 *   d = centre of box 2 − centre of box 1;  the axis fits when the distance along it is the larger one
 *   1 when it fits and IoU < 0.1;  0.1 / IoU when it fits and they overlap more;  0 otherwise; a frame has its best pair
 *
 * As in the reference, which side an object is on is not looked at, and two boxes of one object make a pair too.
 */
import { type VideoScore, meanOf } from './video-score.ts';

/** A box in pixels: left, top, right, bottom. */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** An object that a detector found. */
export interface DetectedBox {
  readonly label: string;
  readonly box: Box;
}

/** What a prompt asks for. */
export interface Relationship {
  readonly objectA: string;
  readonly objectB: string;
  /** `on the right of`, `on the left of`, `on the top of` or `on the bottom of`; any part of such a phrase will do. */
  readonly relationship: string;
}

const overlapLimit = 0.1;

/** How well two boxes stand in a relationship, 0 … 1. */
export function positionScore(relationship: string, one: Box, two: Box): number {
  const across = Math.abs((two[0] + two[2]) / 2 - (one[0] + one[2]) / 2);
  const down = Math.abs((two[1] + two[3]) / 2 - (one[1] + one[3]) / 2);
  const fits = ['on the right of', 'on the left of'].some((phrase) => phrase.includes(relationship))
    ? across > down
    : ['on the bottom of', 'on the top of'].some((phrase) => phrase.includes(relationship)) && down > across;
  if (!fits) return 0;
  const iou = intersectionOverUnion(one, two);
  return iou < overlapLimit ? 1 : overlapLimit / iou;
}

/** Shared area of two boxes over the area of both. */
export function intersectionOverUnion(one: Box, two: Box): number {
  const width = Math.max(0, Math.min(one[2], two[2]) - Math.max(one[0], two[0]));
  const height = Math.max(0, Math.min(one[3], two[3]) - Math.max(one[1], two[1]));
  const areaOf = (box: Box): number => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (areaOf(one) + areaOf(two) - width * height);
}

/** Spatial relationship of a video from the boxes of its frames; `null` without frames. */
export function spatialRelationship(
  frames: readonly (readonly DetectedBox[])[],
  { objectA, objectB, relationship }: Relationship,
): VideoScore | null {
  const scores = frames.map((found) => {
    const boxes = found.filter(({ label }) => label === objectA || label === objectB).map(({ box }) => box);
    const pairs = boxes.flatMap((one, index) =>
      boxes.slice(index + 1).map((two) => positionScore(relationship, one, two)),
    );
    return Math.max(0, ...pairs);
  });
  const mean = meanOf(scores);
  return mean === null ? null : { score: mean, weight: scores.length };
}
