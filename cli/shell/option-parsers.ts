import { InvalidArgumentError } from 'commander';
import { namedSize } from '../../story/script/output-size.ts';
import type { Size } from '../../story/script/output-size.ts';
import { scriptLimits } from '../../story/script/script-limits.ts';
import { qualities, type Quality } from '../../story/script/script.ts';

/** `1280x720`, `720p` or `9:16` to a size in pixels, by the rules of the script. */
export function parseSize(value: string): Size {
  const size = namedSize(value);
  if (size === null) {
    throw new InvalidArgumentError(
      'A size is WIDTHxHEIGHT in pixels, for example 1920x1080, or 720p, 1080p, 1440p, 4k or 8k, or a shape, for example 9:16.',
    );
  }
  const { minSide, maxSide, maxPixels } = scriptLimits;
  for (const [name, pixels] of Object.entries(size)) {
    // Colour has half the resolution of brightness, so sides are even.
    if (pixels < minSide || pixels > maxSide || pixels % 2 !== 0) {
      throw new InvalidArgumentError(`The ${name} is ${pixels}; it must be even, from ${minSide} to ${maxSide}.`);
    }
  }
  if (size.width * size.height > maxPixels) {
    throw new InvalidArgumentError(`A frame of ${value} is too large; it has at most ${maxPixels} pixels.`);
  }
  return size;
}

/** A seed: a whole number of 32 bits without sign. */
export function parseSeed(value: string): number {
  const seed = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (seed <= scriptLimits.maxSeed) return seed;
  throw new InvalidArgumentError(`A seed is a whole number from 0 to ${scriptLimits.maxSeed}.`);
}

/** A quality preset. */
export function parseQuality(value: string): Quality {
  const found = qualities.find((quality) => quality === value);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`A quality is ${qualities.join(', ')}.`);
}

/** A whole number above 0. */
export function parseCount(value: string): number {
  const count = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (count > 0) return count;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** Number of a TCP port. */
export function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}

/** A signature holds for a week at most (`maxUrlSeconds` of the storage). */
const maxUrlHours = 168;

/** How long a signed URL works, hours. */
export function parseHours(value: string): number {
  const hours = parseCount(value);
  if (hours <= maxUrlHours) return hours;
  throw new InvalidArgumentError(`A signed URL works for ${maxUrlHours} hours at most.`);
}

/** Name of a tenant: it becomes a fairness key of Temporal, which has at most 64 bytes. */
export function parseTenant(value: string): string {
  if (value.trim() !== '' && Buffer.byteLength(value) <= 64) return value;
  throw new InvalidArgumentError('A tenant has 1 to 64 bytes.');
}

const spanUnits: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span of time, `90s`, `30m`, `36h` or `7d`, in milliseconds. */
export function parseSpan(value: string): number {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const unitMs = spanUnits[unit ?? ''];
  if (number !== undefined && unitMs !== undefined) return Number(number) * unitMs;
  throw new InvalidArgumentError('A time is a whole number and s, m, h or d, for example 36h or 7d.');
}
