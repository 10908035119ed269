import { z } from 'zod';
import { picture } from './given-fields.ts';
import { words } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of what a script may say of subjects: what it shows by pictures, because words cannot. */

/** Names that `{name}` in a prompt may have. */
export const subjectName = /^[a-z][a-z0-9-]{0,39}$/;

const subjectNameRule =
  'the name of a subject has 1 to 40 lower-case letters, digits and hyphens and begins with a letter';

/** Keys of one subject. */
export const subjectFields = {
  image: picture.describe(
    'Picture of the subject alone: with transparency, before a plain background, or with a mask.',
  ),
  word: words(
    `word says what the subject is, in 1 to ${limits.subjectWord} characters, as a prompt would`,
    1,
    limits.subjectWord,
  ).describe('What the subject is, as a prompt would say it. It stands in the prompt for the name.'),
  mask: picture.describe('Picture as large as the image: white where the subject is, black elsewhere.').optional(),
};

const subjectsRule = `subjects is a map of 1 to ${limits.subjects} names to maps with image, word and mask`;

/** The subjects of a story by name. */
export const subjects = z
  .record(
    z.string().regex(subjectName),
    z.strictObject(subjectFields, { error: 'a subject is a map of keys and values' }),
    { error: ({ code }) => (code === 'invalid_key' ? subjectNameRule : subjectsRule) },
  )
  .refine((value) => Object.keys(value).length > 0 && Object.keys(value).length <= limits.subjects, {
    error: subjectsRule,
  })
  .describe('Things that the story shows by pictures. A prompt names one as {name}; a shot shows at most one.');

/** Subjects as they were written. */
export type WrittenSubjects = z.output<typeof subjects>;
