/**
 * The common shape of all samplers here. Without clipping of the predicted x_0, one step of DDIM or DDPM is linear in the
 * sample, the model's prediction and fresh noise, whatever the model predicts; so an algorithm is three numbers per step,
 * computed in float64, and one loop applies them.
 *
 * | here | papers |
 * | --- | --- |
 * | `signal`, `noise` | √ᾱ_t, √(1−ᾱ_t): x_t = signal · x_0 + noise · ε |
 * | `epsilon` | ε, the noise in the sample |
 * | `v` | v = signal · ε − noise · x_0 (T. Salimans, J. Ho, 2022, arXiv:2202.00512, appendix D) |
 */
import { PipelineError } from '../../errors/pipeline-error.ts';
import { sameShape, Tensor } from '../../tensor/tensor.ts';
import type { SamplingStep } from '../schedule.ts';

/** What a model predicts: the noise, the velocity, or the clean sample. */
export type PredictionType = 'epsilon' | 'v' | 'sample';

/** next = sample · x_t + prediction · model output + noise · fresh normals. */
export interface StepCoefficients {
  readonly sample: number;
  readonly prediction: number;
  readonly noise: number;
}

/** A sampling algorithm: coefficients for every step, and its settings for logs and errors. */
export interface Sampler {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string>>;
  /** @throws PipelineError `MODEL_INVALID` when the step has no solution for this prediction type. */
  coefficients(step: SamplingStep, prediction: PredictionType): StepCoefficients;
}

/** A quantity as a linear form of the noisy sample and the model's prediction. */
export interface LinearForm {
  readonly sample: number;
  readonly prediction: number;
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
 * Applies one step. Returns a tensor of its own; float64 inside, rounded once to float32.
 *
 * @param fresh Standard normals, as many as the sample has; `null` when `coefficients.noise` is 0.
 * @throws PipelineError `INTERNAL` when sizes differ or noise is missing.
 */
export function applyStep(
  coefficients: StepCoefficients,
  sample: Tensor,
  prediction: Tensor,
  fresh: Float32Array | null,
): Tensor {
  if (!sameShape(sample.shape, prediction.shape)) {
    throw new PipelineError(
      'INTERNAL',
      `prediction has shape [${prediction.shape.join(', ')}]; it must be that of the sample, [${sample.shape.join(', ')}]`,
    );
  }
  const { sample: ofSample, prediction: ofPrediction, noise: ofNoise } = coefficients;
  const from = sample.data;
  const predicted = prediction.data;
  const next = new Float32Array(from.length);
  if (ofNoise === 0) {
    for (let index = 0; index < next.length; index++) {
      next[index] = ofSample * from[index]! + ofPrediction * predicted[index]!;
    }
    return new Tensor(sample.shape, next);
  }
  if (fresh?.length !== next.length) {
    throw new PipelineError(
      'INTERNAL',
      `the step needs ${next.length} normals and was given ${fresh?.length ?? 'none'}`,
    );
  }
  for (let index = 0; index < next.length; index++) {
    next[index] = ofSample * from[index]! + ofPrediction * predicted[index]! + ofNoise * fresh[index]!;
  }
  return new Tensor(sample.shape, next);
}
