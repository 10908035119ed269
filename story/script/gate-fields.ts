import { z } from 'zod';
import { type GateDimension, gateDimensions, type GateSettings } from './gate.ts';
import { realNumber, wholeNumber } from './script-fields.ts';
import { scriptDefaults, scriptLimits as limits } from './script-limits.ts';

/** The schema of `gate`: what a shot's clip must reach before it is upscaled. */

const gateRule = `gate is false, or a map from dimensions (${gateDimensions.join(', ')}) to the least score, with retries`;

const leastRule = (dimension: GateDimension) =>
  realNumber(`${dimension} is the least score, a number from 0 to 1`, 0, 1);

/** Keys of `gate`. */
export const gateKeys = {
  ...(Object.fromEntries(gateDimensions.map((name) => [name, leastRule(name).optional()])) as Record<
    GateDimension,
    z.ZodOptional<z.ZodNumber>
  >),
  retries: wholeNumber(
    `retries is how often a clip under the gate is made again with the next seed, a whole number from 0 to ${limits.maxRetries}; ${scriptDefaults.gateRetries} when nothing is said`,
    0,
    limits.maxRetries,
  ).optional(),
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
    `${gateRule}. A clip under the gate is made again with the next seed; the best one is kept, and the film's manifest says why`,
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
