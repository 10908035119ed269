import { z } from 'zod';
import { realNumber, yesOrNo } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of what a script may say of a clip of one's own. */

const fileRule = `a clip is a path that starts at the script, of a video file or a folder of pictures, of at most ${limits.pictureName} characters`;

const file = z
  .string({ error: fileRule })
  .min(1, { error: fileRule })
  .max(limits.pictureName, { error: fileRule })
  .refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), { error: fileRule })
  .refine((value) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(value), { error: fileRule })
  .meta({ title: 'clip' });

/** Keys of a shot's `clip` when it is a map. */
export const clipFields = {
  file: file.describe('The video, or the folder of pictures.'),
  fps: realNumber(
    `fps is how many pictures of a folder are shown in a second, a number from ${limits.minClipRate} to ${limits.maxClipRate}`,
    limits.minClipRate,
    limits.maxClipRate,
  )
    .describe('Pictures per second of a folder. Without it, as many as the film has. A video has its own rate.')
    .optional(),
};

const clipRule = `clip is a video file, a folder of pictures, or a map with ${Object.keys(clipFields).join(' and ')}`;

/** Keys of a shot that are about a clip of one's own. */
export const shotClipFields = {
  clip: z
    .union([file, z.strictObject(clipFields, { error: clipRule })], { error: clipRule })
    .describe(
      'A clip of your own that the shot shows, in place of a prompt: an mp4, mov, webm, mkv or gif, or a folder of pictures. It keeps its speed, and its sound is heard.',
    )
    .optional(),
  mute: yesOrNo('mute is true or false: whether the sound of the clip is left out')
    .describe("Leaves out the clip's own sound.")
    .optional(),
};

/** A shot's keys of that kind, as they were written. */
export type WrittenClip = z.output<z.ZodObject<typeof shotClipFields>>;
