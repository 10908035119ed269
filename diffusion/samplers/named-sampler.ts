import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { euler } from './euler.ts';
import type { Sampler } from './linear-step.ts';
import { unipc } from './unipc.ts';

/** Names of the samplers, as scripts and manifests write them. */
export type SamplerName = 'ddim' | 'ddpm' | 'euler' | 'euler-ancestral' | 'dpmpp-2m' | 'dpmpp-2m-sde' | 'unipc';

/** Settings of all samplers together; each takes those that it has, with a default of its own for what is absent. */
export interface SamplerOptions {
  /** Share of fresh noise, 0 … 1, of `ddim` and `dpmpp-2m-sde`. */
  readonly eta?: number | undefined;
  /** Variance of `ddpm`. */
  readonly variance?: 'small' | 'large' | undefined;
  /** Second-order term of `dpmpp-2m-sde`. */
  readonly solver?: 'midpoint' | 'heun' | undefined;
}

/** The sampler of a name. */
export function samplerNamed(name: SamplerName, { eta, variance, solver }: SamplerOptions): Sampler {
  switch (name) {
    case 'ddim':
      return ddim(eta);
    case 'ddpm':
      return ddpm(variance);
    case 'euler':
      return euler();
    case 'euler-ancestral':
      return eulerAncestral();
    case 'dpmpp-2m':
      return dpmpp2m();
    case 'dpmpp-2m-sde':
      return dpmpp2mSde(eta, solver);
    case 'unipc':
      return unipc();
  }
}
