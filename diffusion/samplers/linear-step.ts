/**
 * The common shape of all samplers here. Without clipping of the predicted x_0, one step of every algorithm is linear in
 * the sample, the model's prediction, fresh noise and the tensors that a multistep method keeps from earlier steps,
 * whatever the model predicts; so an algorithm is a small table of weights per step, computed in float64, and one loop
 * applies them.
 *
 * | here | papers |
 * | --- | --- |
 * | `signal`, `noise` | √ᾱ_t, √(1−ᾱ_t): x_t = signal · x_0 + noise · ε |
 * | `epsilon` | ε, the noise in the sample |
 * | `v` | v = signal · ε − noise · x_0 (T. Salimans, J. Ho, 2022, arXiv:2202.00512, appendix D) |
 */
import { PipelineError } from '../../errors/pipeline-error.ts';
import { sameShape, Tensor } from '../../tensor/tensor.ts';
import type { SamplingStep } from '../schedule/sampling-steps.ts';

/** What a model predicts: the noise, the velocity, or the clean sample. */
export type PredictionType = 'epsilon' | 'v' | 'sample';

/** A quantity as a linear form of the noisy sample and the model's prediction. */
export interface LinearForm {
  readonly sample: number;
  readonly prediction: number;
}

/** A tensor that a step makes: sample · x_t + prediction · model output + Σ kept[i] · i-th kept tensor. */
export interface StepWeights extends LinearForm {
  /** Weights of the tensors that the step before kept; shorter lists stand for zeros. */
  readonly kept: readonly number[];
}

/** One step of a sampler. */
export interface LinearStep {
  readonly next: StepWeights;
  /** Weight of fresh normals in the next sample. */
  readonly noise: number;
  /** What the step keeps for the one after it, in place of all that was kept before. */
  readonly keep: readonly StepWeights[];
}

/** A sampling algorithm: the weights of every step of a run, and its settings for logs and errors. */
export interface Sampler {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string>>;
  /**
   * The step with this index, 0 … steps − 1. A step looks at its neighbours for their noise levels and at nothing else.
   *
   * @throws PipelineError `MODEL_INVALID` when the step has no solution for this prediction type.
   */
  step(steps: readonly SamplingStep[], index: number, prediction: PredictionType): LinearStep;
}

/** A run between two steps, without its place: the sample and what a multistep method keeps. */
export interface StepState {
  /** `[1, C, F, h, w]` */
  readonly latents: Tensor;
  /** Of the shape of the latents; empty for one-step methods. */
  readonly kept: readonly Tensor[];
}

/**
 * x_0 and ε as linear forms of sample and prediction.
 *
 * @throws PipelineError `MODEL_INVALID` for `epsilon` at ᾱ = 0: a sample of pure noise says nothing about x_0.
 */
export function cleanAndNoise(
  alphaBar: number,
  prediction: PredictionType,
): { clean: LinearForm; epsilon: LinearForm } {
  const signal = Math.sqrt(alphaBar);
  const noise = Math.sqrt(1 - alphaBar);
  switch (prediction) {
    case 'epsilon':
      if (alphaBar === 0) {
        throw new PipelineError(
          'MODEL_INVALID',
          'a model that predicts epsilon cannot start at zero terminal SNR; its schedule must end above 0, or it must predict v or sample',
        );
      }
      return {
        clean: { sample: 1 / signal, prediction: -noise / signal },
        epsilon: { sample: 0, prediction: 1 },
      };
    case 'v':
      return {
        clean: { sample: signal, prediction: -noise },
        epsilon: { sample: noise, prediction: signal },
      };
    case 'sample':
      return {
        clean: { sample: 0, prediction: 1 },
        epsilon: { sample: 1 / noise, prediction: -signal / noise },
      };
  }
}

/**
 * The step of a one-step method: clean sample, noise of the model and fresh noise mixed anew, nothing kept.
 *
 * @param signal Weight of x_0.
 * @param noise Weight of ε.
 * @param fresh Weight of fresh normals.
 */
export function mixedAnew(
  { clean, epsilon }: ReturnType<typeof cleanAndNoise>,
  signal: number,
  noise: number,
  fresh: number,
): LinearStep {
  return {
    next: {
      sample: signal * clean.sample + noise * epsilon.sample,
      prediction: signal * clean.prediction + noise * epsilon.prediction,
      kept: [],
    },
    noise: fresh,
    keep: [],
  };
}

/** Half the log of the signal-to-noise ratio, the λ of DPM-Solver: −∞ for pure noise, ∞ for a clean sample. */
export function halfLogSnr(alphaBar: number): number {
  return (Math.log(alphaBar) - Math.log1p(-alphaBar)) / 2;
}

/**
 * A sum of weighted tensors as one: weights add up, also those of kept tensors. Terms with factor 0 are dropped, so 0 · ∞
 * cannot make NaN.
 */
export function sumOf(...parts: readonly (readonly [factor: number, weights: StepWeights])[]): StepWeights {
  const present = parts.filter(([factor]) => factor !== 0);
  const numKept = Math.max(0, ...present.map(([, { kept }]) => kept.length));
  const total = (weightOf: (weights: StepWeights) => number): number =>
    present.reduce((sum, [factor, weights]) => sum + factor * weightOf(weights), 0);
  return {
    sample: total(({ sample }) => sample),
    prediction: total(({ prediction }) => prediction),
    kept: Array.from({ length: numKept }, (_, index) => total(({ kept }) => kept[index] ?? 0)),
  };
}

/** The kept tensor of an index, unchanged. */
export function keptTensor(index: number): StepWeights {
  return { sample: 0, prediction: 0, kept: Array.from({ length: index + 1 }, (_, each) => (each === index ? 1 : 0)) };
}

/** The sample, unchanged. */
export const wholeSample: StepWeights = { sample: 1, prediction: 0, kept: [] };

/**
 * The step of an index.
 *
 * @throws PipelineError `INTERNAL` when the run has no such step.
 */
export function stepAt(steps: readonly SamplingStep[], index: number): SamplingStep {
  const step = steps[index];
  if (step === undefined) {
    throw new PipelineError('INTERNAL', `step ${index} was asked of a run of ${steps.length} steps, counted from 0`);
  }
  return step;
}

/**
 * Applies one step. Returns tensors of its own; float64 inside, each rounded once to float32.
 *
 * @param fresh Standard normals, as many as the sample has; `null` when `step.noise` is 0.
 * @throws PipelineError `INTERNAL` when sizes differ, or noise or a kept tensor is missing.
 */
export function applyStep(
  step: LinearStep,
  state: StepState,
  prediction: Tensor,
  fresh: Float32Array | null,
): StepState {
  const { latents } = state;
  if (!sameShape(latents.shape, prediction.shape)) {
    throw new PipelineError(
      'INTERNAL',
      `prediction has shape [${prediction.shape.join(', ')}]; it must be that of the sample, [${latents.shape.join(', ')}]`,
    );
  }
  const size = latents.data.length;
  if (step.noise !== 0 && fresh?.length !== size) {
    throw new PipelineError('INTERNAL', `the step needs ${size} normals and was given ${fresh?.length ?? 'none'}`);
  }
  return {
    latents: combine(step.next, state, prediction, step.noise === 0 || fresh === null ? [] : [[step.noise, fresh]]),
    kept: step.keep.map((weights) => combine(weights, state, prediction, [])),
  };
}

/** A weighted sum of tensors. `more` is added last. */
function combine(
  weights: StepWeights,
  { latents, kept }: StepState,
  prediction: Tensor,
  more: readonly (readonly [weight: number, values: Float32Array])[],
): Tensor {
  const history = weights.kept.map((weight, index) => {
    const tensor = kept[index];
    if (tensor?.data.length !== latents.data.length) {
      throw new PipelineError(
        'INTERNAL',
        `the step looks back at ${weights.kept.length} kept tensors of ${latents.data.length} values; tensor ${index} has ${tensor?.data.length ?? 'none'}`,
      );
    }
    return [weight, tensor.data] as const;
  });
  const others = [...history, ...more];
  const { sample: ofSample, prediction: ofPrediction } = weights;
  const from = latents.data;
  const predicted = prediction.data;
  const sum = new Float32Array(from.length);
  const [first, ...rest] = others;
  if (first === undefined) {
    for (let index = 0; index < sum.length; index++) {
      sum[index] = ofSample * from[index]! + ofPrediction * predicted[index]!;
    }
  } else if (rest.length === 0) {
    const [weight, values] = first;
    for (let index = 0; index < sum.length; index++) {
      sum[index] = ofSample * from[index]! + ofPrediction * predicted[index]! + weight * values[index]!;
    }
  } else {
    for (let index = 0; index < sum.length; index++) {
      let value = ofSample * from[index]! + ofPrediction * predicted[index]!;
      for (const [weight, values] of others) value += weight * values[index]!;
      sum[index] = value;
    }
  }
  return new Tensor(latents.shape, sum);
}
