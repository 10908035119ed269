import type { DenoiserFacts, ModelRole, ModelSetRef, PackageRef } from '../../story/models/model-set.ts';

const packageRef = (name: string): PackageRef => ({
  name: `example-${name}`,
  version: '1',
  digest: name.padEnd(64, '0'),
});

const facts = (frames: number, steps: number): DenoiserFacts => ({
  frames,
  sampler: { kind: 'ddim', steps, guidance: 3 },
  freeu: { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.8 },
});

const roles: readonly ModelRole[] = ['text', 'vae', 'base', 'interp', 'transition', 'upscale', 'enhance'];

/** A model set for tests: shaped like a small one of 16 frames at 256x144, with digests that stand for no file. */
export const exampleModels: ModelSetRef = {
  name: 'example',
  packages: Object.fromEntries(roles.map((role) => [role, packageRef(role)])),
  native: { width: 256, height: 144 },
  latent: { channels: 16, downscale: 16 },
  denoisers: { base: facts(16, 25), transition: facts(16, 25), interp: facts(61, 8) },
  enhancer: {
    frames: 9,
    sampler: { kind: 'dpmpp-2m-sde', steps: 14, guidance: 1, rescale: 0.2 },
    start: 899,
    hintNoise: 200,
    fastList: true,
    sharedNoise: false,
    maxScale: 8,
    maxTime: 8,
  },
};
