import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { envelopeAt } from './envelope.ts';

test('a sound without fades is heard from its first sample to its last', () => {
  const heard = { length: 4, fadeIn: 0, fadeOut: 0 };
  expect([-1, 0, 3, 4].map((at) => envelopeAt(at, heard))).toEqual([0, 1, 1, 0]);
});

test('the powers of two sounds that cross-fade add up to 1 at every sample', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (fade) => {
      const going = { length: fade, fadeIn: 0, fadeOut: fade };
      const coming = { length: 2 * fade, fadeIn: fade, fadeOut: 0 };
      const powers = Array.from({ length: fade }, (_, at) => envelopeAt(at, going) ** 2 + envelopeAt(at, coming) ** 2);
      expect(Math.max(...powers.map((power) => Math.abs(power - 1)))).toBeLessThan(1e-10);
    }),
  );
});
