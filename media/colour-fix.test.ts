import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fixColour } from './colour-fix.ts';

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: number[];
}

/** Made by `modeling/goldens/colour_fix_goldens.py`. */
const golden = JSON.parse(readFileSync(new URL('goldens/colour-fix.json', import.meta.url), 'utf8')) as Record<
  'picture' | 'source' | 'wavelet' | 'adain',
  Plane
> &
  Record<'flat' | 'lively', Record<'picture' | 'source' | 'adain', Plane>>;

const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

describe('fixColour', () => {
  test.each(['wavelet', 'adain'] as const)('%s equals an independent implementation', (way) => {
    const fixed = fixColour(golden.picture, golden.source, way);
    fixed.forEach((value, index) => {
      expect(value).toBeCloseTo(golden[way].data[index]!, 5);
    });
  });

  test.each(['flat', 'lively'] as const)('adain equals it where hardly anything varies: %s', (name) => {
    const { picture, source, adain } = golden[name];
    fixColour(picture, source, 'adain').forEach((value, index) => {
      expect(value).toBeCloseTo(adain.data[index]!, 5);
    });
  });

  test.each(['wavelet', 'adain'] as const)('%s leaves a picture alone that has the colours of its source', (way) => {
    const fixed = fixColour(golden.picture, golden.picture, way);
    fixed.forEach((value, index) => {
      expect(value).toBeCloseTo(golden.picture.data[index]!, 5);
    });
  });

  test('a tint over the whole picture goes away', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.5, max: 0.5, noNaN: true }), (tint) => {
        const tinted = { ...golden.picture, data: golden.picture.data.map((value) => value + tint) };
        for (const way of ['wavelet', 'adain'] as const) {
          const fixed = fixColour(tinted, golden.picture, way);
          expect(Math.abs(mean(fixed) - mean(golden.picture.data))).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('refuses a source of another size', () => {
    expect(() => fixColour(golden.picture, { width: 1, height: 1, data: [0] }, 'wavelet')).toThrow('1x1');
  });
});
