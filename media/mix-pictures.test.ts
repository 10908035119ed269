import { describe, expect, test } from '@jest/globals';
import { mixed } from './mix-pictures.ts';
import type { Yuv420Frame } from './segment-encoder.ts';

const [width, height] = [16, 8];
const flat = (luma: number, chroma = 128): Yuv420Frame => ({
  y: new Uint8Array(width * height).fill(luma),
  u: new Uint8Array((width * height) / 4).fill(chroma),
  v: new Uint8Array((width * height) / 4).fill(chroma),
});
const pair = [flat(40, 100), flat(200, 180)];

describe('pictures of two segments', () => {
  test('dissolve: no end repeats its neighbour, and the way is even', () => {
    const lumas = [0, 1, 2].map((place) => mixed(pair, width, place, { mix: { kind: 'dissolve' }, frames: 3 }).y[0]);
    expect(lumas).toEqual([80, 120, 160]);
  });

  test.each(['right', 'left', 'down', 'up'] as const)(
    'a wipe to the %s brings the second from its side',
    (direction) => {
      const { y, u } = mixed(pair, width, 4, { mix: { kind: 'wipe', direction }, frames: 9 });
      const [first, last] = [y[0]!, y.at(-1)!];
      const comesFirst = direction === 'right' || direction === 'down';
      expect([first, last]).toEqual(comesFirst ? [200, 40] : [40, 200]);
      expect([u[0], u.at(-1)]).toEqual(comesFirst ? [180, 100] : [100, 180]);
    },
  );

  test('a fade ends in black and begins in it', () => {
    const at = (side: 'before' | 'after', place: number): number =>
      mixed([flat(216)], width, place, { mix: { kind: 'fade', side }, frames: 4 }).y[0]!;
    expect([0, 3].map((place) => at('before', place))).toEqual([166, 16]);
    expect([0, 3].map((place) => at('after', place))).toEqual([16, 166]);
  });

  test('of two sizes are refused', () => {
    const small = { y: new Uint8Array(4), u: new Uint8Array(1), v: new Uint8Array(1) };
    expect(() => mixed([flat(40), small], width, 0, { mix: { kind: 'dissolve' }, frames: 3 })).toThrow('of one size');
  });
});
