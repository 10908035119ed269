/**
 * Euler's method for the probability-flow ODE, without churn. T. Karras, M. Aittala, T. Aila, S. Laine, "Elucidating the
 * Design Space of Diffusion-Based Generative Models", 2022, arXiv:2206.00364, algorithm 2 with S_churn = 0, first order.
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_euler_discrete.py.
 *
 * | here | paper |
 * | --- | --- |
 * | `sigma`, `sigmaNext` | σ_i, σ_{i+1} = √((1−ᾱ)/ᾱ), the noise level of x / √ᾱ |
 * | `clean` | D(x; σ) |
 *
 * In the paper's scaling: x_{i+1} = x_i + (σ_{i+1} − σ_i) · (x_i − x_0) / σ_i
 *
 * Where we differ: samples keep unit variance (the reference holds x / √ᾱ and scales it before each call of the model), so
 * a step is that of DDIM with eta 0, at σ_i = ∞ too. What sets Euler apart is its usual timesteps: `linspace` with
 * `between`. The run starts at unit variance; the reference's start is smaller by the factor √(1 − ᾱ) with other than
 * leading spacing.
 */
import { ddim } from './ddim.ts';
import type { Sampler } from './linear-step.ts';

/** An Euler sampler. */
export function euler(): Sampler {
  return { ...ddim(0), name: 'euler', settings: {} };
}
