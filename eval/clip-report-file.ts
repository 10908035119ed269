import { z, type ZodType } from 'zod';
import type { ClipReport } from './clip-report.ts';
import { firstFormat, measuredScore, missingScore, parseStored, shownText, type StoredFile } from './stored-scores.ts';

const likelihoods = z.record(z.string(), z.number());
const eye = z.object({ model: shownText, accuracy: likelihoods }).nullable();
const pixels = z.int().positive();

const seenObject = z.object({
  label: shownText,
  colour: shownText,
  certainty: z.number(),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
});

const clipReport: ZodType<ClipReport> = z.object({
  format: firstFormat,
  frames: z.int().nonnegative(),
  width: pixels,
  height: pixels,
  fps: z.number().positive(),
  scores: z.array(measuredScore),
  missing: z.array(missingScore),
  seen: z.array(z.object({ objects: z.array(seenObject), place: likelihoods, sky: likelihoods })),
  words: z.record(z.string(), likelihoods),
  said: z.record(z.string(), z.array(z.string())),
  eyes: z.object({ frames: eye, clip: eye }),
});

/** Reads the artifact of a `measure` task. @throws PipelineError `ARTIFACT_CORRUPT` that names the file. */
export function parseClipReport(file: StoredFile): ClipReport {
  return parseStored(file, clipReport, { name: 'a measure that this release reads', remedy: 'it is made again' });
}
