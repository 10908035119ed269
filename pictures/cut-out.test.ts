import { describe, expect, test } from '@jest/globals';
import { opacityOf, squareAround } from './cut-out.ts';
import type { LaidPicture } from './cut-out.ts';

type Colour = readonly [red: number, green: number, blue: number];
const white: Colour = [255, 255, 255];
const red: Colour = [200, 20, 30];

/** A picture whose pixels are given by place; 40 x 32 unless said. */
function picture(
  colourAt: (x: number, y: number) => Colour,
  alphaAt: (x: number, y: number) => number = () => 255,
  [width, height] = [40, 32],
): LaidPicture {
  const area = width * height;
  const planes = new Uint8Array(3 * area);
  const alpha = new Uint8Array(area);
  for (let pixel = 0; pixel < area; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    colourAt(x, y).forEach((value, channel) => (planes[channel * area + pixel] = value));
    alpha[pixel] = alphaAt(x, y);
  }
  return { width, height, planes, alpha };
}

const inBox = (x: number, y: number): boolean => x >= 10 && x < 26 && y >= 8 && y < 20;
const box = (background: (x: number, y: number) => Colour): LaidPicture =>
  picture((x, y) => (inBox(x, y) ? red : background(x, y)));
const countOf = (opacity: Uint8Array): number => opacity.filter((value) => value === 255).length;

describe('the background goes', () => {
  test('where it is plain, also with a gradient and noise that the eye takes for plain', () => {
    const noisy = (x: number, y: number): Colour => {
      const value = 228 + ((x * 7 + y * 13) % 12) + Math.round(y / 8);
      return [value, value, value];
    };
    for (const background of [() => white, () => [30, 60, 90] as const, noisy]) {
      const opacity = opacityOf(box(background), null);
      expect(countOf(opacity)).toBe(16 * 12);
      expect(opacity[8 * 40 + 10]).toBe(255);
      expect(opacity[8 * 40 + 9]).toBe(0);
    }
  });

  test('but not inside the subject, where the same colour is its own', () => {
    const holed = picture((x, y) => (inBox(x, y) && !(x > 14 && x < 20 && y > 11 && y < 16) ? red : white));
    expect(countOf(opacityOf(holed, null))).toBe(16 * 12);
  });

  test('where the picture is transparent, whatever colours lie there', () => {
    const alpha = (x: number, y: number): number => (inBox(x, y) ? 255 : 0);
    const busy = picture((x, y) => [(x * 40) % 256, (y * 50) % 256, 7], alpha);
    expect(countOf(opacityOf(busy, null))).toBe(16 * 12);
  });

  test('where a mask is black', () => {
    const busy = picture((x, y) => [(x * 40) % 256, (y * 50) % 256, 7]);
    const mask = picture((x, y) => (inBox(x, y) ? white : [0, 0, 0]));
    expect(countOf(opacityOf(busy, mask))).toBe(16 * 12);
  });
});

describe('refused is', () => {
  test('a background that is not plain', () => {
    const busy = box((x, y) => [(x * 40) % 256, (y * 50) % 256, 7]);
    expect(() => opacityOf(busy, null)).toThrow(/^has a background that is not plain \(\d+ % of its rim/);
  });

  test('a mask of another size', () => {
    const small = picture(
      () => white,
      () => 255,
      [8, 8],
    );
    expect(() =>
      opacityOf(
        box(() => white),
        small,
      ),
    ).toThrow('has a mask of 8x8 pixels and is 40x32 itself; a mask is as large as its picture');
  });

  test('a picture of nothing, and one that is all subject', () => {
    expect(() =>
      opacityOf(
        picture(() => white),
        null,
      ),
    ).toThrow(/^shows no subject/);
    const all = picture(() => white);
    expect(() =>
      opacityOf(
        box(() => white),
        all,
      ),
    ).toThrow(/^has no background around the subject/);
  });
});

describe('what is left', () => {
  test('stands in the middle of a white square with a sixteenth of room on each side', () => {
    const cut = box(() => [30, 60, 90]);
    const { width, height, planes } = squareAround(cut, opacityOf(cut, null));
    expect([width, height]).toEqual([18, 18]);
    const row = (y: number): number[] => [...planes.subarray(18 * y, 18 * y + 18)];
    expect(row(0)).toEqual(Array<number>(18).fill(255));
    expect(row(9)).toEqual([255, ...Array<number>(16).fill(200), 255]);
  });

  test('may touch the rim of its picture: what lies outside is white', () => {
    const alpha = (x: number, y: number): number => (x < 10 && y < 20 ? 255 : 0);
    const corner = picture(() => red, alpha);
    const { width, planes } = squareAround(corner, opacityOf(corner, null));
    expect(width).toBe(23);
    expect(planes[0]).toBe(255);
    expect(planes[11 * 23 + 11]).toBe(200);
  });
});
