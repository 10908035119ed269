import { alphaBars } from '../../diffusion/schedule/schedule.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { seedOf } from '../../story/script/content-hash.ts';
import { philoxNormal } from '../../tensor/philox.ts';
import { expectShape, Tensor } from '../../tensor/tensor.ts';
import { encodeFrame, fitPicture, readUpload } from './picture-latents.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output, type GraphTensors } from '../../engine/graph.ts';

/** What a denoiser graph is told of a subject in one call: inputs by name. `towards`: which batch entries show it. */
export type SubjectInputs = (timestep: number, towards: readonly boolean[]) => GraphTensors;

/** The subject of a clip, as the models see it. */
export interface ClipSubject {
  /**
   * Rows `[n, D]` in the place of a word: of text context, where the word's own row is `word` `[1, D]`, or of word
   * embeddings, where there is none.
   */
  tokensFor(word: Tensor | null): Promise<Tensor>;
  /** Inputs of the denoiser, for a clip that goes away from `negative`, `[1, F or 1, T, D]`. */
  inputs(negative: Tensor): SubjectInputs;
}

/**
 * Shows the picture of a subject to the models of a task. The picture alone decides everything, so a subject is the same in
 * all shots that show it; the noise that some models want on it comes from a seed that follows from the picture.
 *
 * @param key Key of the upload, which is the last of the job's input files.
 * @param freshNoise The noise on the picture is another one in each step.
 * @throws PipelineError `MODEL_INVALID`, `ARTIFACT_CORRUPT`, `NUMERIC_INVALID`.
 */
export async function openSubject(job: EngineJob, key: string, freshNoise = false): Promise<ClipSubject> {
  const manifest = job.manifest('subject');
  if (manifest.role !== 'subject') {
    throw new PipelineError(
      'MODEL_INVALID',
      `package ${manifest.name} has role ${manifest.role}; a subject needs subject`,
    );
  }
  const file = job.inputFiles.at(-1);
  if (file === undefined)
    throw new PipelineError('INTERNAL', 'a clip with a subject has no input file; it needs the upload');
  const { picture: side, tokens, noised = false } = manifest.subject;
  const pixels = new Tensor([1, 3, side, side], fitPicture(await readUpload(file), side, side));
  const exemplar = await encodeFrame(job, pixels, key);
  const takes = (graph: string, input: string): boolean =>
    manifest.graphs[graph]?.inputs.some(({ name }) => name === input) ?? false;
  const picture = float32(pixels);
  const random = { seed: seedOf({ subject: key }), stream: 'exemplar' };
  const still = noised ? philoxNormal({ ...random, step: 0 }, exemplar.data.length) : null;
  const noiseAt = (timestep: number): Float32Array | null =>
    noised && freshNoise ? philoxNormal({ ...random, step: 1 + timestep }, exemplar.data.length) : still;
  const bars = alphaBars(manifest.schedule);
  return {
    async tokensFor(word) {
      const vision = await job.graphs('subject', 'vision');
      const wantsWord = takes('vision', 'word');
      if (wantsWord && word === null) {
        throw new PipelineError(
          'MODEL_INVALID',
          `${manifest.name}: its graph vision asks for the row of a word, which an encoder that takes words has not; export the package again`,
        );
      }
      const outputs = await vision.run({ picture, ...(wantsWord && word !== null ? { word: float32(word) } : {}) });
      const made = float32Output(outputs, 'tokens');
      expectShape('tokens of a subject', made, [1, tokens, manifest.context.width]);
      if (!made.data.every(Number.isFinite)) {
        throw new PipelineError(
          'NUMERIC_INVALID',
          `the picture of a subject becomes NaN or infinity; check the subject package ${manifest.name}`,
          { details: { package: manifest.name, picture: key } },
        );
      }
      return new Tensor([tokens, manifest.context.width], made.data);
    },
    inputs: (negative) => (timestep, towards) => {
      const noise = noiseAt(timestep);
      const seen = noise === null ? exemplar : noisy(exemplar, noise, bars[timestep] ?? 0);
      const batch = towards.length;
      return {
        exemplar: float32(repeated(seen, batch)),
        has_exemplar: { type: 'float32', shape: [batch], data: Float32Array.from(towards, Number) },
        ...(takes('denoiser', 'exemplar_context')
          ? { exemplar_context: float32(repeated(firstFrame(negative), batch)) }
          : {}),
      };
    },
  };
}

/** √ᾱ x + √(1 − ᾱ) ε */
function noisy({ shape, data }: Tensor, noise: Float32Array, alphaBar: number): Tensor {
  const [signal, rest] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  return new Tensor(
    shape,
    data.map((value, index) => signal * value + rest * (noise[index] ?? 0)),
  );
}

/** `[1, …]` to `[batch, …]`. */
function repeated({ shape, data }: Tensor, batch: number): Tensor {
  const all = new Float32Array(batch * data.length);
  for (let entry = 0; entry < batch; entry++) all.set(data, entry * data.length);
  return new Tensor([batch, ...shape.slice(1)], all);
}

/** `[1, F, T, D]` to `[1, 1, T, D]`: a negative prompt is the same for all frames. */
function firstFrame({ shape, data }: Tensor): Tensor {
  const [, frames = 1, tokens = 0, width = 0] = shape;
  return new Tensor([1, 1, tokens, width], data.subarray(0, data.length / frames));
}

function float32({ shape, data }: Tensor): { type: 'float32'; shape: readonly number[]; data: Float32Array } {
  return { type: 'float32', shape, data };
}
