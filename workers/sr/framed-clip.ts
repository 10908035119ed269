import type { ReadableClip, RgbFrames } from '../../media/frame-file.ts';
import { cutParts, partOfShape, wholeIn } from '../../media/frame-part.ts';
import type { FramePart, PictureSize } from '../../media/frame-part.ts';
import type { Framing } from '../../story/plan/framing.ts';

/** A clip as a film shows it: frames of the shape that {@link FramedClip.size} has. */
export interface FramedClip extends ReadableClip {
  /** Size to upscale to. */
  readonly size: PictureSize;
  /** Where the picture lies in the film; the rest is black. */
  readonly place: FramePart;
}

/** What {@link frameClip} needs to know. */
export interface FramingChoice {
  /** Absent: frames are taken whole. */
  readonly framing: Framing | undefined;
  /** Whether the upscaler wants even sides. */
  readonly even: boolean;
  /** Frame of the clip that the segment begins with. */
  readonly from: number;
}

/** Brings the frames of a clip to the shape of a film. */
export function frameClip(
  clip: ReadableClip,
  film: PictureSize,
  { framing, even, from: first }: FramingChoice,
): FramedClip {
  const whole = { left: 0, top: 0, width: film.width, height: film.height };
  const { numFrames, width, height } = clip;
  const read = (from: number, count: number): Promise<RgbFrames> => clip.read(from, count);
  if (framing === undefined) return { numFrames, width, height, size: film, place: whole, read };
  if (framing.kind === 'pad') {
    const place = wholeIn(film, clip);
    return { numFrames, width, height, size: { width: place.width, height: place.height }, place, read };
  }
  const { focus, pan } = framing;
  const start = partOfShape(clip, film, { focus, even });
  const end = pan === undefined ? start : partOfShape(clip, film, { focus: pan.to, even });
  /** Of a frame of the clip. Frames beside the segment, at which its upscaler looks, are on the way too. */
  const partOf = (frame: number): FramePart => {
    const share = pan === undefined ? 0 : eased((pan.first + frame - first + 1) / (pan.frames + 1));
    const on = (a: number, b: number): number => a + (b - a) * share;
    return { ...start, left: on(start.left, end.left), top: on(start.top, end.top) };
  };
  return {
    numFrames,
    width: start.width,
    height: start.height,
    size: film,
    place: whole,
    read: async (from, count) =>
      cutParts(
        await clip.read(from, count),
        Array.from({ length: count }, (_, index) => partOf(from + index)),
      ),
  };
}

/** A share of a way that starts and ends without a jerk. */
export function eased(share: number): number {
  const inside = Math.min(1, Math.max(0, share));
  return inside * inside * (3 - 2 * inside);
}
