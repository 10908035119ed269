import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { ClipEngine, type MadeClip } from '../harness/clip-engine.ts';

/** FreeInit on the pocket set's own base model, in few steps. */
const prompt = 'prompt: a red boat sails to the right on the sea at sunset, steps: 2';
let engine: ClipEngine;

beforeAll(async () => {
  engine = await ClipEngine.open();
});
afterAll(() => engine.close());

const iterationsOf = (more: string): Promise<readonly MadeClip[]> =>
  engine.iterations(engine.plan(`${prompt}, ${more}`));

const bytesOf = (clips: readonly MadeClip[]): Promise<Buffer[]> => Promise.all(clips.map(({ file }) => readFile(file)));

function deviation({ latents: { data } }: MadeClip): number {
  return Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
}

test('every iteration is another clip, the first is the one without FreeInit, and all come again', async () => {
  const made = await iterationsOf('freeinit: { iterations: 2 }');
  const [first, second] = await bytesOf(made);
  expect(second).not.toEqual(first);
  expect(await bytesOf(await iterationsOf('freeinit: { iterations: 2 }'))).toEqual([first, second]);
  expect(await bytesOf(await iterationsOf('freeinit: false'))).toEqual([first]);
  for (const clip of made) {
    expect(clip.latents.shape).toEqual([1, 16, 16, 9, 16]);
    expect(clip.latents.data.every(Number.isFinite)).toBe(true);
  }
}, 300_000);

test('keeps the strength of the clip from four steps on', async () => {
  const shot = 'prompt: a red boat sails to the right on the sea at sunset, steps: 4, freeinit: { iterations: 2 }';
  const [first, second] = (await engine.iterations(engine.plan(shot))).map(deviation);
  expect(second! / first!).toBeGreaterThan(0.7);
  expect(second! / first!).toBeLessThan(1.3);
}, 300_000);

test('goes from coarse to fine, with FreeNoise, FreeU and motion injection at once', async () => {
  const words = 'prompts: { 0: a white rocket stands still on the snow, 1: a white rocket rises over the snow }';
  const shot = `${words}, steps: 2, seconds: 3.2, freeu: true, freeinit: { iterations: 2, coarseToFine: true }`;
  const made = await engine.iterations(engine.plan(shot));
  // The first has half the steps; the second enters at the first step that has signal.
  expect(made.map(({ calls }) => calls.filter(({ graph }) => graph === 'base/denoiser').length)).toEqual([1, 1]);
  expect(made[1]?.latents.shape).toEqual([1, 16, 20, 9, 16]);
  expect(made[1]?.latents).not.toEqual(made[0]?.latents);
}, 300_000);
