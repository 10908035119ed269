/**
 * Spatial relationship, sides and all: whether one object lies on the side of another that the prompt names.
 *
 * Ours. VBench's formula (`spatial-relationship.ts`) looks at the axis and not at the side, so it cannot tell a picture from its
 * mirror image. Here a frame scores what VBench gives the best pair of its two objects, times whether the first lies on the side that
 * was asked for. An object may be asked for on a side of the picture: `objectB` is then `picture`, and what counts is the middle of it.
 */
import { type Box, type DetectedBox, positionScore, type Relationship } from './spatial-relationship.ts';
import { type VideoScore, meanOf } from './video-score.ts';

/** A frame with its objects. */
export interface FrameObjects {
  readonly objects: readonly DetectedBox[];
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Sides of a video from the boxes of its frames; `null` without frames. */
export function sideOf(frames: readonly FrameObjects[], wanted: Relationship): VideoScore | null {
  const mean = meanOf(frames.map((frame) => frameScore(frame, wanted)));
  return mean === null ? null : { score: mean, weight: frames.length };
}

function frameScore({ objects, width, height }: FrameObjects, wanted: Relationship): number {
  const boxesOf = (label: string): readonly Box[] =>
    objects.filter((object) => object.label === label).map(({ box }) => box);
  const pairs = boxesOf(wanted.objectA).flatMap((one) => {
    const others =
      wanted.objectB === 'picture' ? [middleLine(wanted.relationship, one, width, height)] : boxesOf(wanted.objectB);
    return others.map((two) =>
      liesOn(wanted.relationship, one, two) ? positionScore(wanted.relationship, one, two) : 0,
    );
  });
  return Math.max(0, ...pairs);
}

/** The line through the middle of the picture beside an object, a pixel wide: only the side of it that the object is on shall matter. */
function middleLine(relationship: string, one: Box, width: number, height: number): Box {
  if (/left|right/.test(relationship)) {
    const y = (one[1] + one[3]) / 2;
    return [width / 2 - 0.5, y - height / 4, width / 2 + 0.5, y + height / 4];
  }
  const x = (one[0] + one[2]) / 2;
  return [x - width / 4, height / 2 - 0.5, x + width / 4, height / 2 + 0.5];
}

function liesOn(relationship: string, one: Box, two: Box): boolean {
  const across = one[0] + one[2] - two[0] - two[2];
  const down = one[1] + one[3] - two[1] - two[3];
  if (relationship.includes('left')) return across < 0;
  if (relationship.includes('right')) return across > 0;
  return relationship.includes('top') ? down < 0 : down > 0;
}
