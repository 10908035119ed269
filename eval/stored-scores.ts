import { z, type ZodType } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { isPlainText } from '../story/script/plain-text.ts';
import type { MissingScore } from './clip-report.ts';
import { dimensionNames } from './formulas/dimensions.ts';
import type { MeasuredScore } from './score-clip.ts';

/** A JSON file as it was stored; anybody who may write to the bucket may have written it. */
export interface StoredFile {
  /** Where it lies, for messages. */
  readonly key: string;
  readonly text: string;
}

/** Text of one line that may be shown in a terminal. */
export const shownText = z.string().max(2_000).refine(isPlainText, { error: 'holds control characters' });

/** Name of a dimension. */
export const dimensionName = z.enum(dimensionNames);

/** A score as it is filed. */
export const measuredScore: ZodType<MeasuredScore> = z.object({
  dimension: dimensionName,
  model: shownText,
  score: z.object({ score: z.number(), weight: z.number().nonnegative() }).nullable(),
});

/** A dimension without a score, as it is filed. */
export const missingScore: ZodType<MissingScore> = z.object({ dimension: dimensionName, reason: shownText });

/** The only format that there has been. */
export const firstFormat = z.literal(1, { error: 'this release reads format 1' });

/**
 * Reads a stored file.
 *
 * @param what - What it should be, with its article, and what to do when it is not.
 * @throws PipelineError `ARTIFACT_CORRUPT` that names the file, the place in it and the rule.
 */
export function parseStored<Content>(
  { key, text }: StoredFile,
  schema: ZodType<Content>,
  what: { readonly name: string; readonly remedy: string },
): Content {
  const broken = (problem: string, cause?: unknown): PipelineError =>
    new PipelineError('ARTIFACT_CORRUPT', `${key} is not ${what.name}: ${problem}; ${what.remedy}`, {
      details: { file: key },
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw broken('it is not JSON', error);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: 'it cannot be read' }] = parsed.error.issues;
  throw broken(path.length === 0 ? message : `${path.join('.')}: ${message}`);
}
