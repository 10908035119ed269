import { framesIn } from './film-frames.ts';
import type { Join } from './script.ts';

/** How many film frames joins take and make. */

/**
 * Length of a dissolve or wipe where the script says nothing. It **replaces** that much of the end of the shot before and of the beginning of
 * the shot after: 12 frames of each at 24 per second, so the film is 12 frames shorter than with a cut.
 */
export const dissolveSeconds = 0.5;

/** Length of a fade where the script says nothing: half of it to black, half from black. The film keeps its length. */
const fadeSeconds = 1;

/** A join that is made of frames of both shots, which it takes from them. */
export type MixingJoin = Extract<Join, { readonly kind: 'dissolve' | 'fade' | 'wipe' }>;

/** Whether a join is made of frames of both shots. */
export function isMixing(join: Join | null): join is MixingJoin {
  return join?.kind === 'dissolve' || join?.kind === 'fade' || join?.kind === 'wipe';
}

/** Film frames of a join that is made of frames of both shots. A fade has one of each at least. */
export function mixedFrames(join: MixingJoin, fps: number): number {
  if (join.kind === 'fade') return Math.max(2, framesIn(join.seconds ?? fadeSeconds, fps));
  return framesIn(join.seconds ?? dissolveSeconds, fps);
}

/**
 * Film frames that a join takes from the shot before it and from the shot after: a dissolve or wipe all of its own from both, a fade its
 * first half from the one and its second from the other.
 */
export function takenFrames(join: Join | null, fps: number): { readonly before: number; readonly after: number } {
  if (!isMixing(join)) return { before: 0, after: 0 };
  const frames = mixedFrames(join, fps);
  if (join.kind !== 'fade') return { before: frames, after: frames };
  return { before: Math.ceil(frames / 2), after: Math.floor(frames / 2) };
}
