import { z } from 'zod';
import { isPlainText } from './plain-text.ts';
import { oneOf, realNumber } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of captions. */

const textRule = `a caption is a text of 1 to ${limits.captionLength} characters, on as many lines as it shall have`;

/** Words over the picture. Their line breaks stay. */
const captionText = z
  .string({ error: textRule })
  .overwrite(foldLines)
  .min(1, { error: textRule })
  .max(limits.captionLength, { error: textRule })
  .refine((text) => isPlainText(text.replaceAll('\n', ' ')), { error: textRule });

const place = (key: string) =>
  realNumber(
    `${key} is a number of seconds from the beginning of the shot, from 0 to ${limits.maxSeconds}`,
    0,
    limits.maxSeconds,
  );

/** Keys of a caption in a list. */
export const captionFields = {
  text: captionText.describe('The words.'),
  at: place('at').describe('When they come.').optional(),
  until: place('until').describe('When they go.').optional(),
};

const captionsRule = `caption is a text, or a list of 1 to ${limits.captions} captions, each with text, at and until`;

/** What a shot may say over its picture. */
export const captionField = z
  .union(
    [
      captionText,
      z
        .array(z.strictObject(captionFields, { error: 'a caption is a map with text, at and until' }), {
          error: captionsRule,
        })
        .min(1, { error: captionsRule })
        .max(limits.captions, { error: captionsRule })
        .meta({ title: 'captions' }),
    ],
    { error: captionsRule },
  )
  .describe(
    'Words for the viewer while the shot lasts, as a text track of the film and as files beside it. A list says when each comes and goes; joins have none unless it says so.',
  )
  .optional();

/** Where captions are. */
export const captionStyleField = oneOf('captions is track (viewers turn them on) or burn (they are in the picture)', [
  'track',
  'burn',
])
  .describe(
    'Where captions are: a text track that viewers turn on, or drawn into the picture. Either way they lie beside the film as WebVTT and SRT.',
  )
  .optional();

/** White space within a line counts as one space; empty lines are none. */
function foldLines(text: string): string {
  return text
    .split(/\r\n|[\n\u2028\u2029]/u)
    .map((line) => line.replace(/\s+/gu, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}
