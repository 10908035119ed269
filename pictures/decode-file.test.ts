import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodePictureFile } from './decode-file.ts';
import { readPictureFile } from './picture-file.ts';
import { preparePicture } from './prepare-picture.ts';

/** Made by `fixtures/make_pictures.py`; beside each what its own library reads of it. */
const fixture = (name: string): Promise<Buffer> => readFile(join(import.meta.dirname, 'fixtures', name));

/** Largest and mean difference of each channel to what another decoder reads. */
async function differences(name: string): Promise<readonly { readonly most: number; readonly mean: number }[]> {
  const { data } = await decodePictureFile(readPictureFile(await fixture(name)));
  const expected = await fixture(`${name}.rgba`);
  expect(data).toHaveLength(expected.length);
  return [0, 1, 2, 3].map((channel) => {
    const all = Array.from({ length: data.length / 4 }, (_, pixel) =>
      Math.abs(data[4 * pixel + channel]! - expected[4 * pixel + channel]!),
    );
    return { most: Math.max(...all), mean: all.reduce((sum, each) => sum + each, 0) / all.length };
  });
}

describe('a picture without loss is read to the value', () => {
  test.each([
    ['lossless.webp', 0],
    ['full.heic', 0],
    // Its colours are rounded once more than those of AVIF's own library.
    ['full.avif', 1],
  ])('%s', async (name, most) => {
    const found = await differences(name);
    expect(found.map((channel) => channel.most <= most)).toEqual([true, true, true, true]);
    expect(found[3]!.most).toBe(0);
  });
});

describe('a picture with loss comes as near as the way of spreading colours lets it, its transparency to the value', () => {
  // libheif gives four pixels one colour, which is half a pixel off on a slope; the others spread it, as we do.
  test.each([
    ['lossy.webp', 1, 4],
    ['lossy-alpha.webp', 1, 4],
    ['lossy.avif', 1, 4],
    ['alpha.avif', 1, 4],
    ['lossy.heic', 4.1, 12],
    ['alpha.heic', 4.1, 12],
  ])('%s', async (name, mean, most) => {
    const [red, green, blue, alpha] = await differences(name);
    for (const channel of [red!, green!, blue!]) {
      expect(channel.mean).toBeLessThanOrEqual(mean);
      expect(channel.most).toBeLessThanOrEqual(most);
    }
    expect(alpha!.most).toBe(0);
  });
});

test.each(['lossy.webp', 'lossy.avif', 'lossy.heic'])(
  '%s is near what was drawn, so its colours are where they belong',
  async (name) => {
    const { data } = await decodePictureFile(readPictureFile(await fixture(name)));
    const drawn = Array.from({ length: 240 }, (_, pixel) => {
      const [x, y] = [pixel % 20, Math.floor(pixel / 20)];
      return [40 + (160 * x) / 20, 60 + (140 * y) / 12, 200 - (120 * x) / 20];
    });
    for (const channel of [0, 1, 2]) {
      const off = drawn.map((pixel, index) => Math.abs(pixel[channel]! - data[4 * index + channel]!));
      expect(off.reduce((sum, each) => sum + each, 0) / off.length).toBeLessThan(2.1);
    }
  },
);

describe('a picture that lies otherwise than it is shown is turned', () => {
  test.each([
    ['turned.webp', 12, 20, 0],
    ['turned.avif', 12, 20, 1],
    // Four tiles, cut on the right and below, a quarter turn.
    ['grid.heic', 100, 120, 1],
  ])('%s', async (name, width, height, most) => {
    const prepared = await preparePicture(await fixture(name));
    expect([prepared.width, prepared.height]).toEqual([width, height]);
    const expected = await fixture(`${name}.rgba`);
    const area = width * height;
    const off = Array.from({ length: 3 * area }, (_, index) => {
      const [channel, pixel] = [Math.floor(index / area), index % area];
      return Math.abs(prepared.planes[index]! - expected[4 * pixel + channel]!);
    });
    expect(Math.max(...off)).toBeLessThanOrEqual(most);
  });
});

describe('what cannot be read is refused by name', () => {
  test.each([
    ['animated.webp', 'is an animated WebP; a picture stands still, save one frame of it'],
    ['animated.avif', 'is an animated AVIF or HEIC file; a picture stands still'],
  ])('%s', async (name, problem) => {
    await expect(preparePicture(await fixture(name))).rejects.toThrow(problem);
  });

  /** A file with some of its bytes replaced, all at once. */
  const changed = async (name: string, from: string, to: string): Promise<Buffer> => {
    const bytes = await fixture(name);
    const at = bytes.indexOf(from, 0, 'latin1');
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at, 'latin1');
    return bytes;
  };

  test.each([
    ['HDR', 'lossy.avif', 'nclx\0\x01\0\x0d', 'nclx\0\x09\0\x10', 'is an HDR picture; save it in standard range (SDR)'],
    ['a picture of another coder', 'lossy.heic', 'hvc1', 'unci', 'a picture of kind "unci"; save it as PNG'],
    [
      'another canvas than its picture',
      'lossy-alpha.webp',
      '\x13\0\0\x0b\0\0',
      '\x23\0\0\x0b\0\0',
      'is a damaged WebP file',
    ],
  ])('%s', async (_, name, from, to, problem) => {
    await expect(preparePicture(await changed(name, from, to))).rejects.toThrow(problem);
  });

  test('a picture that shows a few of very many pixels, before they are decoded', async () => {
    // The size of each of four tiles, 64 x 64, becomes 16384 x 2048.
    const bytes = await fixture('grid.heic');
    for (let at = bytes.indexOf('ispe\0\0\0\0\0\0\0\x40', 0, 'latin1'); at >= 0;) {
      bytes.writeUInt32BE(16_384, at + 8);
      bytes.writeUInt32BE(2048, at + 12);
      at = bytes.indexOf('ispe\0\0\0\0\0\0\0\x40', at, 'latin1');
    }
    await expect(preparePicture(bytes)).rejects.toThrow('has tiles of 134217728 pixels in all');
  });

  test.each(['lossless.webp', 'lossy-alpha.webp', 'lossy.avif', 'alpha.avif', 'lossy.heic', 'grid.heic'])(
    '%s that was cut off anywhere',
    async (name) => {
      const bytes = await fixture(name);
      for (let length = 16; length < bytes.length; length += 7) {
        await expect(preparePicture(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'SCRIPT_INVALID' });
      }
    },
  );
});
