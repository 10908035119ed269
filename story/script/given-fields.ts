import { z } from 'zod';
import { wholeNumber, yesOrNo } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of what a script may say of frames that are given to a shot before it is made. */

const continueRule = 'continue is true, false, or a map with known';

/** Keys of `continue` when it is a map. */
export const continueFields = {
  known: wholeNumber(
    `known is how many latent frames a shot takes over from the one before, a whole number from 1 to ${limits.maxContinued}`,
    1,
    limits.maxContinued,
  )
    .describe('How many latent frames are taken over.')
    .optional(),
};

const pictureRule = `a picture is a path that starts at the script, or an s3:// or https:// address, of at most ${limits.pictureName} characters`;

/** A picture that a script refers to. */
export const picture = z
  .string({ error: pictureRule })
  .min(1, { error: pictureRule })
  .max(limits.pictureName, { error: pictureRule })
  .refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), { error: pictureRule })
  .refine((value) => /^(s3|https):\/\//i.test(value) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(value), { error: pictureRule })
  .meta({ title: 'picture' });

const keyframesRule = 'keyframes is a map from the numbers of latent frames, counted from 0, to pictures';

/** The keys of a shot that give it frames. */
export const givenFields = {
  continue: z
    .union([yesOrNo(continueRule), z.strictObject(continueFields, { error: continueRule })], { error: continueRule })
    .describe(
      'Begins the shot with the last latent frames of the shot before, in place of a join. Not for the first shot.',
    )
    .optional(),
  animate: picture.describe('Picture that the shot begins with.').optional(),
  keyframes: z
    .record(z.string().regex(/^(0|[1-9]\d{0,2})$/, { error: keyframesRule }), picture, { error: keyframesRule })
    .refine((value) => Object.keys(value).length > 0, { error: keyframesRule })
    .describe('Pictures that the shot passes through. The keys are numbers of latent frames, counted from 0.')
    .optional(),
};

/** A shot's keys of that kind, as they were written. */
export type WrittenGiven = z.output<z.ZodObject<typeof givenFields>>;
