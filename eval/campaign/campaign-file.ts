import { z, type ZodType } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';
import {
  dimensionName,
  firstFormat,
  measuredScore,
  missingScore,
  parseStored,
  shownText,
  type StoredFile,
} from '../stored-scores.ts';
import type { PromptRecord, SampleRecord } from './campaign.ts';
import type { CampaignRecord } from './record.ts';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const scoreOrNull = z.number().nullable();

/** Key of an artifact; empty in a campaign that was imported, whose clips are elsewhere. */
const artifactKey = z.string().regex(/^([0-9a-f]{64})?$/, { error: 'must be a sha256' });

const sample: ZodType<SampleRecord> = z.object({
  sample: count,
  seed: count,
  clipKey: artifactKey,
  measureKey: artifactKey,
  generateMs: milliseconds,
  measureMs: milliseconds,
  outcomes: z.array(z.union([measuredScore, missingScore])),
  failure: z.object({ code: shownText, message: z.string() }).exactOptional(),
});

const prompt: ZodType<PromptRecord> = z.object({ index: count, prompt: z.string(), samples: z.array(sample) });

const campaign: ZodType<CampaignRecord> = z.object({
  format: firstFormat,
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/, { error: 'must be lower-case letters, digits and hyphens' }),
  label: shownText,
  suite: shownText,
  models: shownText,
  settings: z.record(z.string(), z.unknown()),
  clips: z.object({ stage: z.enum(['decode', 'interp']), fps: z.number().positive() }).exactOptional(),
  samples: count,
  finishedMs: milliseconds,
  dimensions: z.array(
    z.object({
      dimension: dimensionName,
      score: z.number(),
      normalized: z.number(),
      model: shownText,
      videos: count,
    }),
  ),
  missing: z.array(missingScore),
  final: z.object({ quality: scoreOrNull, semantic: scoreOrNull, total: scoreOrNull }),
  mean: scoreOrNull,
  comparable: z.boolean(),
  cost: z.object({ generateMs: milliseconds, measureMs: milliseconds, clips: count }),
  failed: count,
  prompts: z.array(prompt),
});

/** Reads a finished campaign. @throws PipelineError `ARTIFACT_CORRUPT` that says what is wrong with the file. */
export function parseCampaign(file: StoredFile): CampaignRecord {
  const remedy = 'run or import the campaign again, or delete the file';
  return parseStored(file, campaign, { name: 'a campaign that this release reads', remedy });
}

/** Reads what was filed of a prompt. @throws PipelineError `ARTIFACT_CORRUPT` that says what is wrong with the file. */
export function parsePrompt(file: StoredFile): PromptRecord {
  return parseStored(file, prompt, { name: 'the record of a prompt', remedy: 'run the campaign again' });
}

/** What was filed of a prompt before, `null` when that is nothing, or nothing that can be read: it is about to be written anew. */
export function formerPrompt(file: StoredFile | null): PromptRecord | null {
  try {
    return file === null ? null : parsePrompt(file);
  } catch (error) {
    if (error instanceof PipelineError) return null;
    throw error;
  }
}
