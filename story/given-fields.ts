import { z } from 'zod';
import { wholeNumber, yesOrNo } from './script-fields.ts';
import { scriptDefaults, scriptLimits as limits } from './script-limits.ts';

/** The schema of what a script may say of frames that are given to a shot before it is made. */

const continueRule = 'continue is true, false, or a map with known';

/** Keys of `continue` when it is a map. */
export const continueFields = {
  known: wholeNumber(
    `known is how many latent frames a shot takes over from the one before, a whole number from 1 to ${limits.maxContinued}`,
    1,
    limits.maxContinued,
  ).optional(),
};

/** The keys of a shot that give it frames. */
export const givenFields = {
  continue: z
    .union([yesOrNo(continueRule), z.strictObject(continueFields, { error: continueRule })], { error: continueRule })
    .describe(
      `whether the shot goes on where the one before it ends; a map says how many latent frames it takes over, ${scriptDefaults.continueKnown} when nothing is said`,
    )
    .optional(),
};

/** A shot's keys of that kind, as they were written. */
export type WrittenGiven = z.output<z.ZodObject<typeof givenFields>>;
