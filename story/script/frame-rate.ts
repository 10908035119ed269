import { z } from 'zod';
import { scriptLimits as limits } from './script-limits.ts';

/** Frames per second as a fraction. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** The rates of American television are whole ones slowed down by this. */
const slowed = 1001 / 1000;

/**
 * A rate as a fraction: 24 is 24/1, and 23.976… is 24000/1001.
 * @param fps - Frames per second as a normal form has them.
 */
export function rateOf(fps: number): FrameRate {
  return Number.isInteger(fps) ? { num: fps, den: 1 } : { num: Math.round(fps * slowed) * 1000, den: 1001 };
}

/** Frames per second in a few digits: `24`, `23.976`. */
export function rateText(fps: number): string {
  return String(Math.round(fps * 1000) / 1000);
}

/** The frames per second that somebody wrote: a whole number, 23.976, 29.97 or 59.94, or a fraction over 1001; `null` for others. */
export function readRate(written: number | string): number | null {
  const [num = Number.NaN, den = 1] = typeof written === 'number' ? [written] : written.split('/').map(Number);
  const fps = num / den;
  const whole = Math.round(fps * slowed);
  const isSlowed =
    whole % 6 === 0 && (den === 1001 ? num === whole * 1000 : den === 1 && Math.abs(fps * slowed - whole) < 0.006);
  const found = Number.isInteger(fps) ? fps : isSlowed ? (whole * 1000) / 1001 : null;
  return found !== null && found >= limits.minFps && found <= limits.maxFps ? found : null;
}

const rule = `fps is a whole number of frames per second from ${limits.minFps} to ${limits.maxFps}, or 23.976, 29.97 or 59.94, or a fraction such as 24000/1001`;

/** Frames per second, as people write them. */
export const fpsField = z
  .union(
    [
      z.number({ error: rule }).refine((value) => readRate(value) !== null, { error: rule }),
      z
        .string({ error: rule })
        .regex(/^\d{1,5}\/\d{1,4}$/, { error: rule })
        .refine((value) => readRate(value) !== null, { error: rule }),
    ],
    { error: rule },
  )
  .meta({ title: 'rate' })
  .describe(
    'Frames per second. The rate changes how smooth the film is, not how fast: a clip has 24 frames a second, of which the film shows those that are nearest in time.',
  )
  .optional();
