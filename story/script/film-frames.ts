/** Frames of a film that are so many seconds: the nearest whole number, at least one. */
export function framesIn(seconds: number, fps: number): number {
  return Math.max(1, Math.round(seconds * fps));
}
