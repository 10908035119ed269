import { z } from 'zod';
import { foldSpaces, isPlainText } from './plain-text.ts';

/**
 * Makers of the leaves of the script's schema. A leaf has two texts. Its rule is a plain clause ("a seed is a whole number
 * from 0 to 9") and the message of every way to break it. What the key does stands in `.describe`, for editors and for
 * docs/script.md; it does not repeat the rule.
 */

/** A whole number. */
export function wholeNumber(rule: string, min: number, max: number) {
  return z.int({ error: rule }).min(min, { error: rule }).max(max, { error: rule });
}

/** A number. */
export function realNumber(rule: string, min: number, max: number) {
  return z.number({ error: rule }).min(min, { error: rule }).max(max, { error: rule });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(rule: string, words: Words) {
  return z.enum(words, { error: rule });
}

/** `true` or `false`. */
export function yesOrNo(rule: string) {
  return z.boolean({ error: rule });
}

/** A short name that may stand in file names, object keys and workflow ids. */
export function identifier(rule: string, maxLength: number) {
  const pattern = new RegExp(`^[a-z0-9][a-z0-9-]{0,${maxLength - 1}}$`);
  return z.string({ error: rule }).regex(pattern, { error: rule });
}

/** A language by its tag (BCP 47), in its canonical form: `zh-hant` is `zh-Hant`. */
export function languageTag(rule: string) {
  return z
    .string({ error: rule })
    .max(35, { error: rule })
    .refine((tag) => canonicalTag(tag) !== null, { error: rule })
    .overwrite((tag) => canonicalTag(tag) ?? tag)
    .meta({ title: 'language' });
}

function canonicalTag(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

/** Words for people or models: white space is folded to single spaces, as YAML's block texts end in line breaks. */
export function words(rule: string, minLength: number, maxLength: number) {
  return z
    .string({ error: rule })
    .overwrite(foldSpaces)
    .min(minLength, { error: rule })
    .max(maxLength, { error: rule })
    .refine(isPlainText, { error: rule });
}
