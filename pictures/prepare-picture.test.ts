import { describe, expect, test } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { encodeImage } from '../media/picture.ts';
import { exifBlock, interlacedPng, pngChunk, pngFile } from '../test/fakes/png.ts';
import { preparePicture } from './prepare-picture.ts';

const grey = (width: number, height: number): Uint8Array => new Uint8Array(width * height * 3).fill(99);
const png = (width: number, height: number, extra: readonly Buffer[] = []): Buffer =>
  pngFile({ width, height, channels: 3 }, grey(width, height), extra);

/** 3x2 pixels whose red says their place: 10 20 30 / 40 50 60. */
const placed = Uint8Array.from([10, 20, 30, 40, 50, 60].flatMap((red) => [red, 0, 0]));

async function jpeg(width: number, height: number): Promise<Buffer> {
  return encodeImage({ width, height, data: grey(width, height) }, 'jpeg');
}

describe('a picture', () => {
  test('is decoded to planes: PNG exactly, JPEG nearly', async () => {
    const { width, height, planes } = await preparePicture(pngFile({ width: 3, height: 2, channels: 3 }, placed));
    expect([width, height, [...planes]]).toEqual([3, 2, [10, 20, 30, 40, 50, 60, ...new Array<number>(12).fill(0)]]);
    const coded = await preparePicture(await jpeg(33, 17));
    expect([coded.width, coded.height]).toEqual([33, 17]);
    for (const value of coded.planes) expect(Math.abs(value - 99)).toBeLessThanOrEqual(2);
  });

  test('that is stored in passes is decoded exactly, too', async () => {
    const pixels = Uint8Array.from({ length: 3 * 13 * 11 }, (_, index) => (index * 7919) % 251);
    const passes = await preparePicture(interlacedPng(13, 11, pixels));
    expect(passes).toEqual(await preparePicture(pngFile({ width: 13, height: 11, channels: 3 }, pixels)));
  });

  test('is laid on white where it is transparent', async () => {
    const pixels = Uint8Array.from([0, 100, 200, 0, 0, 100, 200, 255, 0, 100, 200, 51]);
    const { planes } = await preparePicture(pngFile({ width: 3, height: 1, channels: 4 }, pixels));
    expect([...planes]).toEqual([255, 0, 204, 255, 100, 224, 255, 200, 244]);
  });

  test.each([
    [1, 3, [10, 20, 30, 40, 50, 60]],
    [2, 3, [30, 20, 10, 60, 50, 40]],
    [3, 3, [60, 50, 40, 30, 20, 10]],
    [4, 3, [40, 50, 60, 10, 20, 30]],
    [5, 2, [10, 40, 20, 50, 30, 60]],
    [6, 2, [40, 10, 50, 20, 60, 30]],
    [7, 2, [60, 30, 50, 20, 40, 10]],
    [8, 2, [30, 60, 20, 50, 10, 40]],
    [9, 3, [10, 20, 30, 40, 50, 60]],
  ])('with orientation %i is turned upright', async (orientation, expectedWidth, red) => {
    for (const order of ['II', 'MM'] as const) {
      const chunk = pngChunk('eXIf', exifBlock(orientation, order));
      const { width, planes } = await preparePicture(pngFile({ width: 3, height: 2, channels: 3 }, placed, [chunk]));
      expect([width, [...planes.subarray(0, 6)]]).toEqual([expectedWidth, red]);
    }
  });

  test('from a camera is turned as its EXIF says', async () => {
    const plain = await jpeg(32, 16);
    const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifBlock(6, 'II')]);
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, block.length + 2]), block]);
    const turned = await preparePicture(Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]));
    expect([turned.width, turned.height]).toEqual([16, 32]);
  });

  test('of more than 1280 pixels is made smaller', async () => {
    const { width, height, planes } = await preparePicture(png(2560, 100));
    expect([width, height, planes.length]).toEqual([1280, 50, 3 * 1280 * 50]);
    expect(new Set(planes)).toEqual(new Set([99]));
  });
});

/** A header that promises `width` x `height`, over the pixels of a small picture. */
function promising(width: number, height: number): Buffer {
  const file = png(4, 4);
  const header = Buffer.from(file.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([file.subarray(0, 8), pngChunk('IHDR', header), file.subarray(33)]);
}

describe('a wrong picture is refused with what is wrong', () => {
  test.each([
    ['text', Buffer.from('not a picture'), 'is not a picture; a picture is a PNG, JPEG, WebP, AVIF or HEIC file'],
    ['nothing', Buffer.alloc(0), 'is not a picture'],
    [
      'a GIF',
      Buffer.from('GIF89a'),
      'is a GIF picture; a picture is a PNG, JPEG, WebP, AVIF or HEIC file: save it as PNG',
    ],
    ['a BMP', Buffer.from('BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'latin1'), 'is a BMP picture'],
    ['a TIFF', Buffer.from('II*\0\x08\0\0\0', 'latin1'), 'is a TIFF picture'],
    ['a TIFF of the other order', Buffer.from('MM\0*\0\0\0\x08', 'latin1'), 'is a TIFF picture'],
    ['a JPEG XL', Buffer.from('\xff\x0a\xfa\x7f', 'latin1'), 'is a JPEG XL picture'],
    ['a JPEG XL in boxes', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), 'is a JPEG XL picture'],
    ['a JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'is a JPEG 2000 picture'],
    ['an SVG', Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x"/>'), 'is an SVG drawing'],
    ['an SVG alone', Buffer.from('<svg viewBox="0 0 1 1"/>'), 'is an SVG drawing'],
    ['a PDF', Buffer.from('%PDF-1.7'), 'is a PDF file'],
    ['a PSD', Buffer.from('8BPS\0\x01', 'latin1'), 'is a Photoshop file'],
    ['an icon', Buffer.from('\0\0\x01\0\x01\0', 'latin1'), 'is a Windows icon'],
    ['a web page', Buffer.from('<!DOCTYPE html><title>404</title>'), 'is a web page'],
    ['a video', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0', 'latin1'), 'is a video'],
    ['a Matroska video', Buffer.from('\x1a\x45\xdf\xa3', 'latin1'), 'is a video'],
    ['the first bytes of a PNG', png(9, 9).subarray(0, 20), 'ends too early'],
    ['a PNG without its end', png(9, 9).subarray(0, -12), 'ends too early'],
    ['30000 pixels of width', promising(30_000, 20), 'is 30000x20 pixels; a picture has at most 16384 on a side'],
    ['900 million pixels', promising(30_000, 30_000), 'is 30000x30000 pixels'],
    ['64 million pixels', promising(8000, 8000), '40000000 in all'],
    ['no width', promising(0, 8), 'is 0x8 pixels'],
    ['fewer pixels than its header says', promising(400, 400), 'is a damaged PNG file'],
    ['a film in a PNG', png(4, 4, [pngChunk('acTL', Buffer.alloc(8))]), 'is an animated PNG'],
    ['the first bytes of a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'ends too early'],
    ['a JPEG of nothing', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), 'without a picture'],
  ])('%s', async (_, bytes, problem) => {
    await expect(preparePicture(bytes)).rejects.toMatchObject({
      code: 'SCRIPT_INVALID',
      message: expect.stringContaining(problem) as unknown,
    });
  });

  test('a PNG with a flipped bit', async () => {
    const file = png(9, 9);
    file[45]! ^= 1;
    await expect(preparePicture(file)).rejects.toThrow('is a damaged PNG file (checksum at byte 33)');
  });

  test('a JPEG that was cut off, also where an end was put behind it', async () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * 7919) % 251);
    const file = await encodeImage({ width: 64, height: 64, data }, 'jpeg');
    const half = file.subarray(0, Math.floor(file.length * 0.8));
    await expect(preparePicture(half)).rejects.toThrow('ends too early');
    await expect(preparePicture(Buffer.concat([half, Buffer.from([0xff, 0xd9])]))).rejects.toThrow('is a damaged JPEG');
  });

  test('a JPEG of a thousand scans, before it is decoded', async () => {
    const file = await jpeg(16, 16);
    const scan = file.indexOf(Buffer.from([0xff, 0xda]));
    const once = file.subarray(scan, -2);
    const bomb = Buffer.concat([file.subarray(0, -2), ...Array.from({ length: 1000 }, () => once), file.subarray(-2)]);
    await expect(preparePicture(bomb)).rejects.toThrow('more than 64 scans');
  });

  test('more bytes than a picture may have', async () => {
    await expect(preparePicture(Buffer.alloc(33_554_433))).rejects.toThrow('has 33554433 bytes; a picture has at most');
  });
});

describe('a PNG bomb', () => {
  // 256 MB of zeros in 256 kB.
  const bomb = deflateSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 });
  const peakGrowth = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.resourceUsage().maxRSS;
    await work();
    return (process.resourceUsage().maxRSS - before) / 1024;
  };

  test.each([
    ['in its texts', 'zTXt', Buffer.concat([Buffer.from('a\0\0', 'latin1'), bomb])],
    ['in its colour profile', 'iCCP', Buffer.concat([Buffer.from('a\0\0', 'latin1'), bomb])],
  ])('%s is not unpacked', async (_, type, data) => {
    const file = png(4, 4, [pngChunk(type, data)]);
    expect(await peakGrowth(() => preparePicture(file))).toBeLessThan(64);
  });

  test('in its pixels is unpacked as far as its header says and no further', async () => {
    const small = png(4, 4);
    const file = Buffer.concat([small.subarray(0, 33), pngChunk('IDAT', bomb), pngChunk('IEND', Buffer.alloc(0))]);
    const growth = await peakGrowth(async () => {
      await expect(preparePicture(file)).rejects.toThrow('more data than pixels');
    });
    expect(growth).toBeLessThan(64);
  });
});
