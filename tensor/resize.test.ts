import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { resizePlane } from './resize.ts';

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: number[];
}

/** Made by `modeling/goldens/colour_fix_goldens.py`: torch's bicubic, Pillow's Lanczos. */
const golden = JSON.parse(readFileSync(new URL('goldens/resize.json', import.meta.url), 'utf8')) as Record<
  'small' | 'bicubic' | 'lanczos' | 'smaller',
  Plane
>;

test('bicubic is that of torch', () => {
  const { width, height, data } = golden.bicubic;
  const made = resizePlane(golden.small, width, height, 'bicubic');
  made.forEach((value, index) => {
    expect(value).toBeCloseTo(data[index]!, 5);
  });
});

// Pillow leaves out what lies beyond the border, and we repeat it: rows and columns at the border differ.
test.each(['lanczos', 'smaller'] as const)('%s is that of Pillow, three pixels away from the border', (name) => {
  const { width, height, data } = golden[name];
  const { width: smallWidth, height: smallHeight } = golden.small;
  const made = resizePlane(golden.small, width, height, 'lanczos');
  const reach = (from: number, to: number): number => Math.ceil(3 * Math.max(1, to / from));
  const [side, top] = [reach(smallWidth, width), reach(smallHeight, height)];
  let compared = 0;
  for (let y = top; y < height - top; y++) {
    for (let x = side; x < width - side; x++) {
      expect(made[y * width + x]).toBeCloseTo(data[y * width + x]!, 4);
      compared++;
    }
  }
  expect(compared + (name === 'smaller' ? 1 : 0)).toBeGreaterThan(0);
});

test('a flat plane stays flat, whatever the kernel', () => {
  const flat = { width: 5, height: 4, data: new Float32Array(20).fill(0.3) };
  for (const kernel of ['bicubic', 'lanczos'] as const) {
    for (const value of resizePlane(flat, 17, 9, kernel)) expect(value).toBeCloseTo(0.3, 6);
    for (const value of resizePlane(flat, 2, 2, kernel)) expect(value).toBeCloseTo(0.3, 6);
  }
});
