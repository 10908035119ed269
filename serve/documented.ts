import { z } from 'zod';
import { problemAnswer } from './answers.ts';

/** How answers that are no JSON of their own are described in `/openapi.json`. */

/** Errors of a route. */
export const problems = {
  default: { description: 'An error.', content: { 'application/problem+json': { schema: problemAnswer } } },
} as const;

/** A file of some kind. */
export function fileOf(
  type: string,
  description: string,
): {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodString }>>;
} {
  return { description, content: { [type]: { schema: z.string() } } };
}

/** A redirect to a signed address. */
export const signedAddress = z.null().describe('`Location` is a signed address that works for an hour.');
