import type { Denoiser, DenoiseSettings } from '../diffusion/denoise.ts';
import { mixContexts, promptMixes, sharesPrompt } from '../diffusion/motion-injection.ts';
import type { DenoiseParams } from '../story/task.ts';
import { putTokens, wordVector } from '../diffusion/subject-tokens.ts';
import { cutAtSubject, plainPrompt } from '../story/placeholders.ts';
import { expectShape, Tensor } from '../tensor/tensor.ts';
import type { ClipSubject } from './clip-subject.ts';
import type { EngineJob } from './session/engine-job.ts';
import { float32Output } from './session/graph.ts';
import { encodePrompt, findWord } from './session/tokenizer.ts';

/** Text contexts of a clip, `[1, F or 1, T, D]`. */
export interface ClipText {
  readonly positive: Tensor;
  readonly negative: Tensor;
  /** With several prompts: the last one for every frame, for the steps that share it. Else `null`. */
  readonly shared: Tensor | null;
}

/** Encodes the prompts of a clip; several are spread over its frames. With a subject, its tokens stand for its word. */
export async function encodeClipText(
  job: EngineJob,
  params: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'frames'>,
  subject: ClipSubject | null,
): Promise<ClipText> {
  const { prompt, prompts, frames } = params;
  const negative = await encodeText(job, params.negative);
  const encode = (text: string): Promise<Tensor> =>
    subject === null ? encodeText(job, text) : encodeWithSubject(job, text, subject);
  if (prompts === undefined) return { positive: await encode(prompt), negative, shared: null };
  const contexts: Tensor[] = [];
  for (const each of prompts) contexts.push(await encode(each.prompt));
  const places = prompts.map(({ at }) => at);
  const everywhere = (context: Tensor): Tensor => mixContexts([context], promptMixes([0], frames));
  return {
    positive: mixContexts(contexts, promptMixes(places, frames)),
    negative: everywhere(negative),
    shared: everywhere(contexts.at(-1) ?? negative),
  };
}

/** Motion injection: the steps of a run that share the last prompt ask one denoiser, all others the other one. */
export function injectMotion(
  { perFrame, shared }: { readonly perFrame: Denoiser; readonly shared: Denoiser },
  { steps }: Pick<DenoiseSettings, 'steps'>,
): Denoiser {
  return (sample, timestep) => {
    const step = steps.findIndex((each) => each.timestep === timestep);
    return (sharesPrompt(step, steps.length) ? shared : perFrame)(sample, timestep);
  };
}

/** Context of a prompt of which the word in braces is a subject's. */
async function encodeWithSubject(job: EngineJob, text: string, subject: ClipSubject): Promise<Tensor> {
  const context = await encodeText(job, plainPrompt(text));
  const cut = cutAtSubject(text);
  if (cut === null) return context;
  const span = await findWord(job.packageDir('text'), cut);
  return putTokens(context, span, await subject.tokensFor(wordVector(context, span)));
}

/** Context of one prompt, the same for every frame: `[1, 1, T, D]`. */
async function encodeText(job: EngineJob, text: string): Promise<Tensor> {
  const ids = await encodePrompt(job.packageDir('text'), text);
  const encoder = await job.graphs('text', 'encoder');
  const outputs = await encoder.run({
    input_ids: { type: 'int64', shape: [1, ids.length], data: BigInt64Array.from(ids, BigInt) },
  });
  const { shape, data } = float32Output(outputs, 'context');
  const context = new Tensor(shape, data);
  expectShape('text context', context, [1, ids.length, null]);
  return new Tensor([1, 1, ...context.shape.slice(1)], context.data);
}
