/** Samples per second of all sound in here: what films carry, and what Opus knows. */
export const soundRate = 48_000;

/** Samples of so many film frames, to the nearest: the sound ends with the last picture. */
export function samplesOfFrames(frames: number, fps: number): number {
  return Math.round((frames * soundRate) / fps);
}
