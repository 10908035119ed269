import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { philoxNormal } from '../tensor/philox.ts';
import { transform3, type ComplexVolume } from './fourier.ts';

type Size = readonly [number, number, number];

function volumeOf(shape: Size): ComplexVolume {
  const size = shape[0] * shape[1] * shape[2];
  const draw = (step: number): Float64Array =>
    Float64Array.from(philoxNormal({ seed: 5, stream: 'volume', step }, size));
  return { shape, real: draw(0), imaginary: draw(1) };
}

function copyOf({ shape, real, imaginary }: ComplexVolume): ComplexVolume {
  return { shape, real: real.slice(), imaginary: imaginary.slice() };
}

function largestDifference(a: ComplexVolume, b: ComplexVolume): number {
  const differences = [...a.real.keys()].map((cell) =>
    Math.max(Math.abs(a.real[cell]! - b.real[cell]!), Math.abs(a.imaginary[cell]! - b.imaginary[cell]!)),
  );
  return Math.max(0, ...differences);
}

/** One frequency by the definition, the whole sum. */
function frequency({ shape, real, imaginary }: ComplexVolume, [k, l, m]: Size): [number, number] {
  const [depth, height, width] = shape;
  let [re, im] = [0, 0];
  for (const cell of real.keys()) {
    const [z, y, x] = [Math.floor(cell / (height * width)), Math.floor(cell / width) % height, cell % width];
    const angle = -2 * Math.PI * ((k * z) / depth + (l * y) / height + (m * x) / width);
    re += real[cell]! * Math.cos(angle) - imaginary[cell]! * Math.sin(angle);
    im += real[cell]! * Math.sin(angle) + imaginary[cell]! * Math.cos(angle);
  }
  return [re, im];
}

const side = fc.integer({ min: 1, max: 14 });

describe('transform3', () => {
  test('gives the frequencies of the definition, whatever the sides: primes, powers, products, one', () => {
    fc.assert(
      fc.property(fc.tuple(side, side, side), fc.tuple(fc.nat(), fc.nat(), fc.nat()), (shape, at) => {
        const volume = volumeOf(shape);
        const [k, l, m] = at.map((each, axis) => each % shape[axis]!) as [number, number, number];
        const transformed = copyOf(volume);
        transform3(transformed, 'forward');
        const cell = (k * shape[1] + l) * shape[2] + m;
        const [re, im] = frequency(volume, [k, l, m]);
        expect(Math.abs(transformed.real[cell]! - re)).toBeLessThan(1e-10);
        expect(Math.abs(transformed.imaginary[cell]! - im)).toBeLessThan(1e-10);
      }),
      { numRuns: 60 },
    );
  });

  test.each<[Size]>([[[16, 9, 16]], [[16, 36, 64]], [[61, 9, 16]], [[1, 1, 509]]])(
    'of %p comes back from its inverse, and keeps its energy',
    (shape) => {
      const volume = volumeOf(shape);
      const transformed = copyOf(volume);
      transform3(transformed, 'forward');
      const energy = ({ real, imaginary }: ComplexVolume): number =>
        real.reduce((sum, value, cell) => sum + value ** 2 + imaginary[cell]! ** 2, 0);
      const size = volume.real.length;
      expect(energy(transformed) / size / energy(volume)).toBeCloseTo(1, 12);
      transform3(transformed, 'inverse');
      expect(largestDifference(transformed, volume)).toBeLessThan(1e-12);
    },
  );
});
