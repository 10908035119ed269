import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { euler } from './euler.ts';
import { heun } from './heun.ts';
import type { Sampler } from './linear-step.ts';
import { unipc } from './unipc.ts';

/** Settings of all samplers together; each takes those that it has, with a default of its own for what is absent. */
export interface SamplerOptions {
  /** Share of fresh noise, 0 … 1, of `ddim` and `dpmpp-2m-sde`. */
  readonly eta?: number | undefined;
  /** Variance of `ddpm`. */
  readonly variance?: 'small' | 'large' | undefined;
  /** Second-order term of `dpmpp-2m-sde`. */
  readonly solver?: 'midpoint' | 'heun' | undefined;
}

const samplers = {
  ddim: ({ eta }) => ddim(eta),
  ddpm: ({ variance }) => ddpm(variance),
  euler: () => euler(),
  'euler-ancestral': () => eulerAncestral(),
  'dpmpp-2m': () => dpmpp2m(),
  'dpmpp-2m-sde': ({ eta, solver }) => dpmpp2mSde(eta, solver),
  heun: () => heun(),
  unipc: () => unipc(),
} as const satisfies Record<string, (options: SamplerOptions) => Sampler>;

/** The sampler of a name, as scripts and manifests write it. */
export function samplerNamed(name: keyof typeof samplers, options: SamplerOptions): Sampler {
  return samplers[name](options);
}
