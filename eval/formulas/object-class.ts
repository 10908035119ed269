/**
 * Object class and multiple objects: in how many frames a detector names what was asked for.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/object_class.py`, `vbench/multiple_objects.py`.
 * Published: GRiT, object detection, 16 frames per video. Frames pool, not videos.
 */
import type { VideoScore } from './video-score.ts';

/** Labels that a detector found in one frame. */
export type FrameLabels = ReadonlySet<string>;

/** Share of frames with the object; `null` without frames. */
export function objectClass(frames: readonly FrameLabels[], object: string): VideoScore | null {
  return shareOf(frames, [object]);
}

/** Share of frames with both objects; `objects` reads `bird and cat`. `null` without frames. */
export function multipleObjects(frames: readonly FrameLabels[], objects: string): VideoScore | null {
  return shareOf(frames, namesOf(objects));
}

/** The names in `bird and cat`. */
export function namesOf(objects: string): readonly string[] {
  return objects.split(' and ').map((object) => object.trim());
}

function shareOf(frames: readonly FrameLabels[], all: readonly string[]): VideoScore | null {
  if (frames.length === 0) return null;
  const found = frames.filter((labels) => all.every((object) => labels.has(object))).length;
  return { score: found / frames.length, weight: frames.length };
}
