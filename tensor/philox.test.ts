import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { philox4x32, philoxNormal, streamWords } from './philox.ts';

const hex = (words: string): Uint32Array => Uint32Array.from(words.split(' '), (word) => Number.parseInt(word, 16));

describe('philox4x32', () => {
  // Random123, tests/kat_vectors, lines "philox4x32 10".
  test.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('encrypts counter %s under key %s as Random123 does', (counter, key, expected) => {
    const output = new Uint32Array(4);
    philox4x32(hex(counter), hex(key), output);
    expect(output).toEqual(hex(expected));
  });

  test('leaves counter and key alone, and may write over its counter', () => {
    const counter = hex('1 2 3 4');
    const key = hex('5 6');
    const output = new Uint32Array(4);
    philox4x32(counter, key, output);
    expect(counter).toEqual(hex('1 2 3 4'));
    philox4x32(counter, key, counter);
    expect(counter).toEqual(output);
    expect(key).toEqual(hex('5 6'));
  });
});

describe('streamWords', () => {
  // Test vectors of draft-eastlake-fnv, 64-bit FNV-1a.
  test.each([
    ['', 0xcbf29ce4, 0x84222325],
    ['a', 0xaf63dc4c, 0x8601ec8c],
    ['foobar', 0x85944171, 0xf73967e8],
  ])('hashes %p as the FNV draft does', (name, high, low) => {
    expect(streamWords(name)).toEqual([low, high]);
  });
});

interface NormalGolden {
  readonly seed: number;
  readonly stream: string;
  readonly step: number;
  readonly normals: readonly number[];
}

describe('philoxNormal', () => {
  const { cases } = JSON.parse(readFileSync(new URL('goldens/philox.json', import.meta.url), 'utf8')) as {
    cases: readonly NormalGolden[];
  };

  test.each(cases)('equals the NumPy golden for seed $seed, stream $stream, step $step', (golden) => {
    // Both sides compute in float64 and round once, so at most the last bit of a float32 may differ.
    const drawn = philoxNormal(golden, golden.normals.length);
    golden.normals.forEach((expected, index) => {
      expect(Math.abs(drawn[index]! - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -23);
    });
  });

  test('gives the same first numbers whatever the count', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(70), fc.nat(70), (seed, short, extra) => {
        const stream = { seed, stream: 'base', step: 3 };
        expect(philoxNormal(stream, short)).toEqual(philoxNormal(stream, short + extra).subarray(0, short));
      }),
    );
  });

  test('changes entirely with seed, stream or step', () => {
    const first = philoxNormal({ seed: 7, stream: 'base', step: 0 }, 64);
    for (const other of [
      { seed: 8, stream: 'base', step: 0 },
      { seed: 7 + 2 ** 32, stream: 'base', step: 0 },
      { seed: 7, stream: 'interp', step: 0 },
      { seed: 7, stream: 'base', step: 1 },
    ]) {
      const drawn = philoxNormal(other, 64);
      expect(first.every((value, index) => value !== drawn[index])).toBe(true);
    }
  });

  test('has the moments of a standard normal, and no correlation between steps or neighbours', () => {
    const count = 1 << 16;
    const draw = (step: number): Float32Array => philoxNormal({ seed: 42, stream: 'moments', step }, count);
    const here = draw(0);
    const next = draw(1);
    const sums = { one: 0, two: 0, three: 0, four: 0, steps: 0, neighbours: 0 };
    here.forEach((value, index) => {
      sums.one += value;
      sums.two += value ** 2;
      sums.three += value ** 3;
      sums.four += value ** 4;
      sums.steps += value * next[index]!;
      sums.neighbours += value * here[(index + 1) % count]!;
    });
    // Five standard errors of each estimate; the draw is fixed, so this cannot fail by chance.
    const fiveErrors = (variance: number): number => 5 * Math.sqrt(variance / count);
    expect(Math.abs(sums.one / count)).toBeLessThan(fiveErrors(1));
    expect(Math.abs(sums.two / count - 1)).toBeLessThan(fiveErrors(2));
    expect(Math.abs(sums.three / count)).toBeLessThan(fiveErrors(15));
    expect(Math.abs(sums.four / count - 3)).toBeLessThan(fiveErrors(96));
    expect(Math.abs(sums.steps / count)).toBeLessThan(fiveErrors(1));
    expect(Math.abs(sums.neighbours / count)).toBeLessThan(fiveErrors(1));
  });

  test.each([
    [{ seed: -1, stream: 'base', step: 0 }],
    [{ seed: 0.5, stream: 'base', step: 0 }],
    [{ seed: 2 ** 53, stream: 'base', step: 0 }],
    [{ seed: 1, stream: 'base', step: 2 ** 32 }],
  ])('refuses %p', (stream) => {
    expect(() => philoxNormal(stream, 4)).toThrow('must be a whole number');
  });
});
