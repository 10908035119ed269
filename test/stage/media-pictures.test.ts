import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { filmFrames } from '../../media/film-frames.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import { encodeImage, type RgbPicture } from '../../media/picture.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';
import { storyboard } from '../../media/storyboard.ts';

const width = 128;
const height = 72;
/** One colour per frame: distinct in every channel, so that a wrong matrix, range or frame shows. */
const colourOf = (n: number): [number, number, number] => [20 + n * 20, 230 - n * 15, 60 + ((n * 70) % 180)];
const numFrames = 10;
let folder: string;
let film: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-pictures-'));
  const segments = [];
  for (const [from, to] of [
    [0, 4],
    [4, numFrames],
  ] as const) {
    const file = path.join(folder, `${String(from)}.mp4`);
    const encoder = await openSegmentEncoder({ file, width, height, fps: 24 });
    for (let n = from; n < to; n += 1) {
      const rgb = new Uint8Array(3 * width * height);
      colourOf(n).forEach((value, channel) =>
        rgb.fill(value, channel * width * height, (channel + 1) * width * height),
      );
      await encoder.write(frameToYuv(rgb, width, height));
    }
    await encoder.close();
    segments.push(file);
  }
  film = path.join(folder, 'film.mp4');
  await remuxSegments({ segments, output: film, expectedFrames: numFrames });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function pictures(indices: readonly number[], maxWidth = width): Promise<RgbPicture[]> {
  const list = [];
  for await (const picture of filmFrames(film, indices, { maxWidth })) list.push(picture);
  return list;
}

describe('filmFrames', () => {
  test('gives exactly the frames asked for, in their colours', async () => {
    const order = [9, 0, 3, 4, 5, 1];
    const list = await pictures(order);
    list.forEach((picture, at) => {
      const middle = ((height / 2) * width + width / 2) * 3;
      const seen = [...picture.data.subarray(middle, middle + 3)];
      colourOf(order[at]!).forEach((value, channel) => {
        expect(Math.abs(value - seen[channel]!)).toBeLessThanOrEqual(4);
      });
    });
  });

  test('keeps the shape when it scales', async () => {
    expect((await pictures([2], 32))[0]).toMatchObject({ width: 32, height: 18 });
  });

  test('refuses frames that are not there', async () => {
    await expect(pictures([numFrames])).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    await expect(pictures([-1])).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});

describe('encodeImage', () => {
  test('writes a PNG and a JPEG of the right size', async () => {
    const [picture] = await pictures([1]);
    const png = await encodeImage(picture!, 'png');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
    const jpeg = await encodeImage(picture!, 'jpeg');
    expect([...jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });
});

describe('storyboard', () => {
  test('shows a cell per shot and join with its caption', async () => {
    const cells = [0, 2, 4, 6, 8].map((frame) => ({ frame, caption: `shot ${String(frame)}`, accent: frame === 2 }));
    const sheet = await storyboard(film, cells);
    expect(sheet.width % 2 === 0 && sheet.height % 2 === 0).toBe(true);
    expect(sheet.data).toHaveLength(sheet.width * sheet.height * 3);
    // The fifth cell begins the second row, under the first.
    const x = 20;
    const secondRow = 16 + height + 28 + 16 + 4;
    const seen = [...sheet.data.subarray((secondRow * sheet.width + x) * 3, (secondRow * sheet.width + x) * 3 + 3)];
    colourOf(8).forEach((value, channel) => {
      expect(Math.abs(value - seen[channel]!)).toBeLessThanOrEqual(4);
    });
    const caption = sheet.data.subarray((16 + height + 7) * sheet.width * 3, (16 + height + 21) * sheet.width * 3);
    expect(caption.includes(235)).toBe(true);
    expect(caption.includes(190)).toBe(true);
    expect((await encodeImage(sheet, 'jpeg')).length).toBeGreaterThan(1000);
  });

  test('of nothing is refused', async () => {
    await expect(storyboard(film, [])).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});
