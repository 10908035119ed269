import { mixContexts, promptMixes } from '../../diffusion/motion-injection.ts';
import { putTokens, wordVector } from '../../diffusion/subject-tokens.ts';
import type { ModelRole } from '../../story/models/model-set.ts';
import { cutAtSubject, plainPrompt } from '../../story/script/placeholders.ts';
import type { DenoiseParams } from '../../story/plan/task.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { ClipSubject } from './clip-subject.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { findWord } from '../../engine/tokenizer.ts';
import { openTextEncoder, type PromptContext, type TextEncoder } from './text-encoder.ts';

/** Text contexts of a clip, `[1, F or 1, T, D]`. */
export interface ClipText {
  readonly positive: Tensor;
  readonly negative: Tensor;
}

/**
 * Encodes the prompts of a clip for the denoiser in a role; several are spread over its frames. With a subject, its tokens
 * stand for its word. For a denoiser that wants no padding, all contexts have as many rows as the longest prompt has tokens.
 */
export async function encodeClipText(
  job: EngineJob,
  role: ModelRole,
  params: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'frames'>,
  subject: ClipSubject | null,
): Promise<ClipText> {
  const { prompt, prompts, frames } = params;
  const encoder = await openTextEncoder(job, role);
  const encoded: PromptContext[] = [];
  for (const { prompt: text } of prompts ?? [{ prompt }]) {
    encoded.push(await (subject === null ? encoder.encode(text) : encodeWithSubject(encoder, text, subject)));
  }
  const rows = encoder.trims ? Math.max(...encoded.map(({ used }) => used)) : undefined;
  const contexts = encoded.map(({ context }) => firstRows(context, rows));
  const negative = firstRows((await encoder.encode(params.negative)).context, rows);
  const [first = negative] = contexts;
  if (prompts === undefined) return { positive: first, negative };
  const places = prompts.map(({ at }) => at);
  return {
    positive: mixContexts(contexts, promptMixes(places, frames)),
    negative: mixContexts([negative], promptMixes([0], frames)),
  };
}

/** Context of a prompt of which the word in braces is a subject's. */
async function encodeWithSubject(encoder: TextEncoder, text: string, subject: ClipSubject): Promise<PromptContext> {
  const plain = plainPrompt(text);
  const cut = cutAtSubject(text);
  if (cut === null) return encoder.encode(plain);
  const span = await findWord(encoder.packageDir, cut);
  if (encoder.takesWords) return encoder.encode(plain, { rows: await subject.tokensFor(null), ...span });
  const { context, used } = await encoder.encode(plain);
  return { context: putTokens(context, span, await subject.tokensFor(wordVector(context, span))), used };
}

/** The first rows of `[1, 1, T, D]`; all of them when no number is given. */
function firstRows(context: Tensor, rows: number | undefined): Tensor {
  if (rows === undefined) return context;
  const width = context.shape[3] ?? 0;
  return new Tensor([1, 1, rows, width], context.data.slice(0, rows * width));
}
