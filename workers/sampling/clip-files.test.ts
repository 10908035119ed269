import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { denoise, initialState, type DenoiseSettings, type DenoiseState } from '../../diffusion/denoise.ts';
import { dpmpp2m } from '../../diffusion/samplers/dpmpp-2m.ts';
import { samplingSteps } from '../../diffusion/schedule/sampling-steps.ts';
import { encodeSafetensors } from '../../tensor/safetensors.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint } from './clip-files.ts';

const shape = [1, 1, 2, 2, 2];
const steps = 6;
const settings: DenoiseSettings = {
  steps: samplingSteps(
    { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 },
    { kind: 'trailing' },
    steps,
  ),
  sampler: dpmpp2m(),
  prediction: 'epsilon',
  random: { seed: 3, stream: 'base' },
};

/** The states of a run, from before the first step to after the last. */
async function statesOf(): Promise<DenoiseState[]> {
  const states = [initialState(shape, settings.random)];
  const denoiser = (sample: Tensor) => Promise.resolve(new Tensor(sample.shape, sample.data.map(Math.sin)));
  for await (const state of denoise(denoiser, settings, states[0]!)) states.push(state);
  return states;
}

/** A checkpoint as `encodeCheckpoint` writes it, with other words about where it stands. */
function withDone(state: DenoiseState, done: string): Uint8Array {
  const named = ({ shape, data }: Tensor) => ({ type: 'float32', shape, data }) as const;
  const kept = state.kept.map((tensor, index) => [`kept.${index}`, named(tensor)] as const);
  return encodeSafetensors({ latents: named(state.latents), ...Object.fromEntries(kept) }, { key: 'mine', done });
}

describe('a checkpoint', () => {
  test('gives back every state of a run, the ends included', async () => {
    for (const state of await statesOf()) {
      expect(decodeCheckpoint(encodeCheckpoint('mine', state), 'mine', shape, settings)).toEqual(state);
    }
  });

  test('of another task is none', async () => {
    const [, state] = await statesOf();
    expect(decodeCheckpoint(encodeCheckpoint('other', state!), 'mine', shape, settings)).toBeNull();
  });

  test('of another shape is none', async () => {
    const [, state] = await statesOf();
    expect(decodeCheckpoint(encodeCheckpoint('mine', state!), 'mine', [1, 1, 2, 4, 1], settings)).toBeNull();
  });

  test.each(['-1', '7', '1.5', 'NaN', 'many'])('of step %s of a run of six is none', async (done) => {
    const last = (await statesOf()).at(-1)!;
    expect(decodeCheckpoint(withDone(last, String(steps)), 'mine', shape, settings)).toEqual(last);
    expect(decodeCheckpoint(withDone(last, done), 'mine', shape, settings)).toBeNull();
  });

  test('without what its sampler keeps is none: the step after it looks back', async () => {
    const [, state] = await statesOf();
    expect(state!.kept).toHaveLength(1);
    expect(decodeCheckpoint(encodeCheckpoint('mine', { ...state!, kept: [] }), 'mine', shape, settings)).toBeNull();
  });

  test('that was cut off or spoiled is none, and never a failure', async () => {
    const [, , state] = await statesOf();
    const whole = encodeCheckpoint('mine', state!);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(decodeCheckpoint(whole.slice(0, length), 'mine', shape, settings)).toBeNull();
      }),
    );
  });
});
