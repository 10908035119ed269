import { words, languageTag } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** Keys of a story for what its file says of itself. */
export const filmFields = {
  description: words(
    `a description is a text of 1 to ${limits.descriptionLength} characters without control characters`,
    1,
    limits.descriptionLength,
  )
    .describe('What the film is about, for the tags of its file.')
    .optional(),
  language: languageTag('a language is a tag such as en, de-CH or zh-Hant')
    .describe(
      'Language of the film, of its captions and its titles: for the tags of its file, and for signs that differ by language.',
    )
    .optional(),
};
