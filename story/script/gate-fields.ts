import { z } from 'zod';
import { type GateDimension, gateDimensions, type GateSettings } from './gate.ts';
import { realNumber, wholeNumber } from './script-fields.ts';
import { scriptDefaults, scriptLimits as limits } from './script-limits.ts';

/** The schema of `gate`: what a shot's clip must reach before it is upscaled. */

const gateRule = `gate is false, or a map from dimensions (${gateDimensions.join(', ')}) to the least score, with retries`;

/** What a high score of a dimension means. */
const meanings: Readonly<Record<GateDimension, string>> = {
  subject_consistency: 'the thing that the clip shows stays the same',
  background_consistency: 'the background stays the same',
  temporal_flickering: 'brightness does not flicker from frame to frame',
  motion_smoothness: 'motion is even',
  dynamic_degree: 'something moves: 1 if so, else 0',
  imaging_quality: 'frames are free of noise and blur',
  overall_consistency: 'the clip shows what its prompt says',
};

const leastScore = (dimension: GateDimension) =>
  realNumber(`${dimension} is the least score, a number from 0 to 1`, 0, 1).describe(
    `Least score of the clip in this dimension. High means: ${meanings[dimension]}.`,
  );

/** Keys of `gate`. */
export const gateKeys = {
  ...(Object.fromEntries(gateDimensions.map((name) => [name, leastScore(name).optional()])) as Record<
    GateDimension,
    z.ZodOptional<z.ZodNumber>
  >),
  retries: wholeNumber(
    `retries is how often a clip under the gate is made again with the next seed, a whole number from 0 to ${limits.maxRetries}; ${scriptDefaults.gateRetries} when nothing is said`,
    0,
    limits.maxRetries,
  )
    .describe('How often a clip under the gate is made again, each time with the next seed.')
    .optional(),
};

/** `gate` of a shot or of `defaults`. */
export const gateField = z
  .union(
    [
      z.literal(false, { error: gateRule }),
      z
        .strictObject(gateKeys, { error: gateRule })
        .refine((gate) => gateDimensions.some((name) => gate[name] !== undefined), { error: gateRule }),
    ],
    { error: gateRule },
  )
  .describe(
    "Least scores that the shot's clip must reach before it is enlarged. A clip under them is made again, and the best take is kept. The film's manifest lists the takes. `false` leaves out the gate of the defaults.",
  )
  .optional();

/** A gate as it was written. */
export type WrittenGate = z.output<typeof gateField>;

/** The gate of a shot: its own, or that of the defaults; nothing when neither says one or the shot says `false`. */
export function normalGate(own: WrittenGate, ofDefaults: WrittenGate): { readonly gate?: GateSettings } {
  const written = own ?? ofDefaults;
  if (written === undefined || written === false) return {};
  const { retries = scriptDefaults.gateRetries, ...scores } = written;
  const least = Object.fromEntries(Object.entries(scores).filter(([, score]) => score !== undefined));
  return { gate: { least, retries } };
}
