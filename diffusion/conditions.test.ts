import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tensor } from '../tensor/tensor.ts';
import { keyOfFrames, repeatKeys } from './interpolation-keys.ts';
import { gatherFrames } from './latent-frames.ts';
import { knownOfTransition, restoreKnown, seineCondition } from './seine-mask.ts';

/** Latents in which channel, frame and cell can be read off: 100·channel + frame + cell/10, plus an offset. */
function readable(channels: number, frames: number, offset = 0): Tensor {
  const latents = Tensor.zeros([1, channels, frames, 1, 2]);
  for (let channel = 0; channel < channels; channel++)
    for (let frame = 0; frame < frames; frame++)
      for (let cell = 0; cell < 2; cell++)
        latents.data[(channel * frames + frame) * 2 + cell] = offset + 100 * channel + frame + cell / 10;
  return latents;
}

describe('interpolation keys', () => {
  test('are those of LaVie: every key four times, less the first frame and the last two', () => {
    const repeated = Array.from({ length: 64 }, (_, slot) => Math.floor(slot / 4));
    expect(keyOfFrames(16)).toEqual(repeated.slice(1, -2));
    expect(keyOfFrames(16)).toHaveLength(61);
  });

  test('give three slots to the first key, two to the last, four to all others, and key k sits at frame 4k', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), (numKeys) => {
        const keys = keyOfFrames(numKeys);
        const slots = Array.from({ length: numKeys }, (_, key) => keys.filter((each) => each === key).length);
        expect(slots).toEqual([3, ...Array<number>(numKeys - 2).fill(4), 2]);
        for (let key = 0; key < numKeys; key++) expect(keys[4 * key]).toBe(key);
      }),
    );
  });

  test('repeat whole frames in every channel', () => {
    const keys = readable(3, 4);
    const condition = repeatKeys(keys);
    expect(condition.shape).toEqual([1, 3, 13, 1, 2]);
    expect(condition).toEqual(gatherFrames(keys, [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]));
    expect(condition.data.at(-1)).toBeCloseTo(203.1, 4);
  });

  test('need two keys', () => {
    expect(() => repeatKeys(readable(1, 1))).toThrow('has 1 key frames; it needs two or more');
  });
});

test('gatherFrames refuses a frame outside the clip', () => {
  expect(() => gatherFrames(readable(1, 4), [4])).toThrow('frame 4 is outside the clip, which has frames 0 … 3');
});

describe('SEINE condition', () => {
  const before = readable(2, 5, 1000);
  const after = readable(2, 5, 2000);

  test('of a transition has mask 0 at both ends and 1 between, then the known latents and zeros', () => {
    const condition = seineCondition(knownOfTransition(before, after, 2, 6));
    expect(condition.shape).toEqual([1, 3, 6, 1, 2]);
    expect([...condition.data.subarray(0, 12)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
    const masked = new Tensor([1, 2, 6, 1, 2], condition.data.slice(12));
    expect(gatherFrames(masked, [0, 1])).toEqual(gatherFrames(before, [3, 4]));
    expect(gatherFrames(masked, [2, 3])).toEqual(Tensor.zeros([1, 2, 2, 1, 2]));
    expect(gatherFrames(masked, [4, 5])).toEqual(gatherFrames(after, [0, 1]));
  });

  test('takes one end alone: animation from a first image, prediction from last frames', () => {
    const condition = seineCondition({ numFrames: 4, start: gatherFrames(before, [4]), end: null });
    expect([...condition.data.subarray(0, 8)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    const backwards = seineCondition({ numFrames: 4, start: null, end: gatherFrames(before, [4]) });
    expect([...backwards.data.subarray(0, 8)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  });

  test('restoring puts the known frames back bit for bit and leaves the made ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (known, made) => {
        const numFrames = 2 * known + made;
        const frames = knownOfTransition(before, after, known, numFrames);
        const clip = readable(2, numFrames, -500);
        const restored = restoreKnown(clip, frames);
        const places = Array.from({ length: numFrames }, (_, frame) => frame);
        expect(gatherFrames(restored, places.slice(0, known))).toEqual(frames.start);
        expect(gatherFrames(restored, places.slice(-known))).toEqual(frames.end);
        const middle = places.slice(known, -known);
        expect(gatherFrames(restored, middle)).toEqual(gatherFrames(clip, middle));
        expect(clip).toEqual(readable(2, numFrames, -500));
      }),
    );
  });

  test.each([
    [{ numFrames: 6, start: null, end: null }, 'at least one known frame'],
    [{ numFrames: 5, start: before, end: null }, '5 + 0 of 5 frames are known'],
    [{ numFrames: 16, start: before, end: readable(3, 2) }, 'only the number of frames may differ'],
  ])('refuses %o', (frames, problem) => {
    expect(() => seineCondition(frames)).toThrow(problem);
  });

  test('refuses to restore into a clip of another length', () => {
    expect(() => restoreKnown(readable(2, 7), knownOfTransition(before, after, 1, 6))).toThrow('need [1, 2, 6, 1, 2]');
  });
});
