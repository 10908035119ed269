/**
 * The denoising loop.
 *
 * Invariants:
 * D1 A state is everything the next step needs: (steps done, latents, what a multistep sampler keeps). Noise is drawn by
 *    (seed, stream, step), so a run that goes on from a stored state gives the same bytes as one that never stopped.
 * D2 Draw 0 of the stream is the initial noise; step i (counted from 1) may use draw i, and no other.
 * D3 A state is never changed after it was yielded.
 * D4 No state with a NaN or an infinity leaves the loop.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { philoxNormal } from '../tensor/philox.ts';
import { sizeOf, Tensor, type Shape } from '../tensor/tensor.ts';
import type { SamplingStep } from './schedule/sampling-steps.ts';
import { applyStep, type PredictionType, type Sampler, type StepState } from './samplers/linear-step.ts';

/** Predicts for one noisy sample `[1, C, F, h, w]` at a timestep; the result has the shape of the sample. */
export type Denoiser = (sample: Tensor, timestep: number) => Promise<Tensor>;

/** How a run is sampled. */
export interface DenoiseSettings {
  readonly steps: readonly SamplingStep[];
  readonly sampler: Sampler;
  readonly prediction: PredictionType;
  /** Key of all noise of the run. */
  readonly random: { readonly seed: number; readonly stream: string };
  /** Draws the normals of a step, as many as there are latents. Absent: the draw of that number from the stream. */
  readonly noise?: (step: number) => Float32Array;
}

/** A run between two steps. */
export interface DenoiseState extends StepState {
  /** Steps that are finished. */
  readonly done: number;
}

/** The state before the first step: pure noise of unit variance. */
export function initialState(shape: Shape, random: DenoiseSettings['random']): DenoiseState {
  return { done: 0, latents: new Tensor(shape, philoxNormal({ ...random, step: 0 }, sizeOf(shape))), kept: [] };
}

/** How many tensors a state of this run keeps beside its latents after so many steps. */
export function numKept({ sampler, steps, prediction }: DenoiseSettings, done: number): number {
  return done === 0 ? 0 : sampler.step(steps, done - 1, prediction).keep.length;
}

/**
 * Denoises from a state to the end and yields the state after every step. The caller reports progress, stores checkpoints
 * and stops by leaving the loop.
 *
 * @throws PipelineError `NUMERIC_INVALID` when a step gives NaN or infinity; `MODEL_INVALID` when schedule and prediction
 * type exclude each other; `INTERNAL` when the state is not of this run.
 *
 * @example
 * ```ts
 * import { samplerNamed } from './samplers/named-sampler.ts';
 * import { samplingSteps } from './schedule/sampling-steps.ts';
 * import { denoise, initialState } from './denoise.ts';
 * import type { Denoiser, DenoiseSettings } from './denoise.ts';
 *
 * async function sample(model: Denoiser): Promise<Float32Array> {
 *   const settings: DenoiseSettings = {
 *     steps: samplingSteps({ kind: 'cosine', shift: 1, trainSteps: 1000 }, { kind: 'trailing' }, 12),
 *     sampler: samplerNamed('dpmpp-2m', {}),
 *     prediction: 'v',
 *     random: { seed: 7, stream: 'base' },
 *   };
 *   let state = initialState([1, 16, 16, 9, 16], settings.random);
 *   for await (state of denoise(model, settings, state)) console.log(`step ${state.done}`);
 *   return state.latents.data;
 * }
 * ```
 */
export async function* denoise(
  denoiser: Denoiser,
  settings: DenoiseSettings,
  from: DenoiseState,
): AsyncGenerator<DenoiseState, void, undefined> {
  const { steps, sampler, prediction, random, noise } = settings;
  if (!Number.isInteger(from.done) || from.done < 0 || from.done > steps.length) {
    throw new PipelineError('INTERNAL', `cannot go on after step ${from.done} of a run of ${steps.length} steps`);
  }
  let state: StepState = from;
  for (let index = from.done; index < steps.length; index++) {
    const { latents } = state;
    const step = sampler.step(steps, index, prediction);
    const predicted = await denoiser(latents, steps[index]!.timestep);
    const done = index + 1;
    const draw = noise ?? ((number: number) => philoxNormal({ ...random, step: number }, latents.data.length));
    const fresh = step.noise === 0 ? null : draw(done);
    state = applyStep(step, state, predicted, fresh);
    requireFinite(state.latents.data, done, settings);
    yield { done, ...state };
  }
}

function requireFinite(values: Float32Array, done: number, settings: DenoiseSettings): void {
  let numInvalid = 0;
  // x − x is 0 for every finite x and NaN for all others.
  for (const value of values) if (value - value !== 0) numInvalid++;
  if (numInvalid === 0) return;
  const { steps, sampler, prediction, random } = settings;
  const { timestep } = steps[done - 1]!;
  const options = Object.entries(sampler.settings).map(([name, value]) => `${name} ${value}`);
  throw new PipelineError(
    'NUMERIC_INVALID',
    `${numInvalid} of ${values.length} latents are NaN or infinite after step ${done} of ${steps.length} (timestep ${timestep}, ` +
      `${sampler.name} ${options.join(', ')}, prediction ${prediction}, seed ${random.seed}); use another seed, more steps or less guidance`,
    {
      details: {
        step: done,
        steps: steps.length,
        timestep,
        sampler: sampler.name,
        settings: sampler.settings,
        prediction,
        seed: random.seed,
        stream: random.stream,
        numInvalid,
      },
    },
  );
}
