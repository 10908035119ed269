import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tensor } from '../tensor/tensor.ts';
import { keyOfFrames, repeatKeys } from './interpolation-keys.ts';
import { gatherFrames, joinFrames } from './latent-frames.ts';
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

test('joinFrames refuses clips of different sizes', () => {
  expect(() => joinFrames([readable(2, 1), readable(3, 1)])).toThrow('a clip to join has shape [1, 3, 1, 1, 2]');
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

  test.each([
    ['animation from a first image', [0], [0, 0, 1, 1, 1, 1, 1, 1]],
    ['prediction from first frames', [0, 1], [0, 0, 0, 0, 1, 1, 1, 1]],
    ['a last frame alone', [3], [1, 1, 1, 1, 1, 1, 0, 0]],
    ['frames here and there, in any order', [2, 0], [0, 0, 1, 1, 0, 0, 1, 1]],
  ])('knows %s', (_, frames, mask) => {
    const latents = gatherFrames(before, frames);
    const condition = seineCondition({ numFrames: 4, frames, latents });
    expect([...condition.data.subarray(0, 8)]).toEqual(mask);
    const masked = new Tensor([1, 2, 4, 1, 2], condition.data.slice(8));
    expect(gatherFrames(masked, frames)).toEqual(latents);
    const unknown = [0, 1, 2, 3].filter((frame) => !frames.includes(frame));
    expect(gatherFrames(masked, unknown)).toEqual(Tensor.zeros([1, 2, unknown.length, 1, 2]));
  });

  test('shows what is not known as it is told to: the latents of a grey picture', () => {
    const grey = new Tensor([1, 2, 1, 2], Float32Array.of(0.5, -0.5, 7, 8));
    const condition = seineCondition({ numFrames: 4, frames: [2], latents: gatherFrames(before, [2]) }, grey);
    const masked = new Tensor([1, 2, 4, 1, 2], condition.data.slice(8));
    for (const frame of [0, 1, 3]) expect(gatherFrames(masked, [frame]).data).toEqual(grey.data);
    expect(gatherFrames(masked, [2])).toEqual(gatherFrames(before, [2]));
  });

  test('restoring puts the known frames back bit for bit and leaves the made ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (known, made) => {
        const numFrames = 2 * known + made;
        const frames = knownOfTransition(before, after, known, numFrames);
        const clip = readable(2, numFrames, -500);
        const restored = restoreKnown(clip, frames);
        const places = Array.from({ length: numFrames }, (_, frame) => frame);
        expect(gatherFrames(restored, places.slice(0, known))).toEqual(
          gatherFrames(before, [0, 1, 2, 3, 4].slice(-known)),
        );
        expect(gatherFrames(restored, places.slice(-known))).toEqual(gatherFrames(after, places.slice(0, known)));
        const middle = places.slice(known, -known);
        expect(gatherFrames(restored, middle)).toEqual(gatherFrames(clip, middle));
        expect(clip).toEqual(readable(2, numFrames, -500));
      }),
    );
  });

  test.each([
    [{ numFrames: 6, frames: [], latents: readable(2, 0) }, 'at least one is'],
    [{ numFrames: 5, frames: [0, 1, 2, 3, 4], latents: before }, 'one must be left to make'],
    [{ numFrames: 9, frames: [3, 3], latents: readable(2, 2) }, 'each is known once'],
    [{ numFrames: 9, frames: [9], latents: readable(2, 1) }, 'known frame 9 is outside a clip of frames 0 … 8'],
    [{ numFrames: 9, frames: [1, 2], latents: readable(2, 1) }, 'must be [1, any, 2, any, any]'],
  ])('refuses %o', (frames, problem) => {
    expect(() => seineCondition(frames)).toThrow(problem);
  });

  test('refuses to restore into a clip of another length', () => {
    expect(() => restoreKnown(readable(2, 7), knownOfTransition(before, after, 1, 6))).toThrow('need [1, 2, 6, 1, 2]');
  });
});
