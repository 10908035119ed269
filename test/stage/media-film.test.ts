import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { probeVideo } from '../../media/probe.ts';
import { openSegmentEncoder, type SegmentEncoderOptions, type Yuv420Frame } from '../../media/segment-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';
import { VideoFile } from '../../media/video-file.ts';

const size = { width: 160, height: 90, fps: 24 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-media-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A picture of one luma value per frame, with a moving bar so that there is something to predict. */
function picture(width: number, height: number, luma: number, n: number): Yuv420Frame {
  const y = new Uint8Array(width * height).fill(luma);
  for (let row = 0; row < height; row += 1)
    y.fill(235, row * width + ((n * 3) % (width - 8)), row * width + ((n * 3) % (width - 8)) + 8);
  return { y, u: new Uint8Array((width * height) / 4).fill(110), v: new Uint8Array((width * height) / 4).fill(140) };
}

async function segment(
  name: string,
  frames: number,
  luma: number,
  options: Partial<SegmentEncoderOptions> = {},
): Promise<string> {
  const file = path.join(folder, name);
  const all = { file, ...size, ...options };
  const encoder = await openSegmentEncoder(all);
  for (let n = 0; n < frames; n += 1) await encoder.write(picture(all.width, all.height, luma, n));
  await encoder.close();
  return file;
}

async function times(file: string): Promise<{ shownAt: number; decodedAt: number; key: boolean }[]> {
  const video = await VideoFile.open(file);
  const list = [];
  for await (const { packet, shownAt, decodedAt } of video.pictures())
    list.push({ shownAt, decodedAt, key: packet.isKeyframe });
  await video.close();
  return list;
}

const hash = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
const out = (name: string): string => path.join(folder, name);

describe('a segment', () => {
  test('is H.264 High, BT.709 limited, and one closed GOP with B-frames (V1)', async () => {
    const file = await segment('one.mp4', 30, 90);
    const probe = await probeVideo(file);
    expect(probe).toMatchObject({ codec: 'h264', ...size, frames: 30, seconds: 1.25, bt709: true, keyFrames: 1 });
    expect(probe.codecString).toMatch(/^avc1\.6400/);
    const list = await times(file);
    expect(list.map((entry) => entry.shownAt).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
    expect(list.some((entry, n) => entry.shownAt !== n)).toBe(true);
  });

  test('has the same bytes when it is made again, and no date and no version of a library (V3)', async () => {
    const file = await segment('again-a.mp4', 12, 90);
    expect(await hash(file)).toBe(await hash(await segment('again-b.mp4', 12, 90)));
    const bytes = await readFile(file);
    for (const box of ['mvhd', 'tkhd', 'mdhd']) {
      // After a box's type: version and flags, when it was made, when it was changed.
      const at = bytes.indexOf(box) + 8;
      expect([box, bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]).toEqual([box, 0, 0]);
    }
    expect(bytes.includes('Lavf')).toBe(false);
  });

  test('takes what a frame holds when it is written: its planes may be filled anew at once (V4)', async () => {
    const encoder = await openSegmentEncoder({ file: out('reused.mp4'), ...size });
    const planes = picture(size.width, size.height, 90, 0);
    for (let n = 0; n < 12; n += 1) {
      const next = picture(size.width, size.height, 90, n);
      planes.y.set(next.y);
      await encoder.write(planes);
      planes.y.fill(0);
    }
    await encoder.close();
    expect(await hash(out('reused.mp4'))).toBe(await hash(await segment('fresh.mp4', 12, 90)));
  });

  test.each([
    ['an odd width', { width: 161 }],
    ['no height', { height: 0 }],
    ['half a frame per second', { fps: 0.5 }],
  ])('with %s is refused', async (_, options) => {
    await expect(openSegmentEncoder({ file: out('bad.mp4'), ...size, ...options })).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
    });
  });

  test('refuses a plane of the wrong size and can be aborted after it', async () => {
    const encoder = await openSegmentEncoder({ file: out('plane.mp4'), ...size });
    const frame = picture(size.width, size.height, 90, 0);
    await expect(encoder.write({ ...frame, u: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
      message: expect.stringContaining('Plane u of a frame'),
    });
    await encoder.abort();
    await encoder.abort();
    await expect(encoder.write(frame)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('without a frame is refused', async () => {
    const encoder = await openSegmentEncoder({ file: out('empty.mp4'), ...size });
    await expect(encoder.close()).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    await encoder.abort();
  });

  test('in a folder that is not there is refused', async () => {
    await expect(openSegmentEncoder({ file: out('none/x.mp4'), ...size })).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
    });
  });
});

describe('a film', () => {
  test('shows every frame of its segments at n / fps, whatever their lengths and content (V1, V2)', async () => {
    const lengths = [1, 2, 13, 3, 30];
    const segments = [];
    for (const [index, frames] of lengths.entries())
      segments.push(await segment(`part-${String(index)}.mp4`, frames, 40 + index * 30));
    const film = await remuxSegments({ segments, output: out('film.mp4'), expectedFrames: 49 });
    expect(film).toEqual({ frames: 49, bytes: (await stat(out('film.mp4'))).size });
    expect(await probeVideo(out('film.mp4'))).toMatchObject({
      ...size,
      frames: 49,
      fastStart: true,
      bt709: true,
      keyFrames: 5,
    });
    const list = await times(out('film.mp4'));
    expect(list.map((entry) => entry.shownAt).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 49 }, (_, n) => n),
    );
    expect(
      list.every((entry, n) => entry.decodedAt === list[0]!.decodedAt + n && entry.shownAt >= entry.decodedAt),
    ).toBe(true);
    expect(list.filter((entry) => entry.key).map((entry) => entry.shownAt)).toEqual([0, 1, 3, 16, 19]);
  });

  test('has the same bytes when it is stitched again', async () => {
    const segments = [out('part-2.mp4'), out('part-4.mp4')];
    await remuxSegments({ segments, output: out('same-a.mp4'), expectedFrames: 43 });
    await remuxSegments({ segments, output: out('same-b.mp4'), expectedFrames: 43 });
    expect(await hash(out('same-a.mp4'))).toBe(await hash(out('same-b.mp4')));
  });

  test('of 4K segments keeps size and count', async () => {
    const options = { width: 3840, height: 2160 };
    const segments = [await segment('uhd-a.mp4', 2, 60, options), await segment('uhd-b.mp4', 1, 160, options)];
    await remuxSegments({ segments, output: out('uhd.mp4'), expectedFrames: 3 });
    expect(await probeVideo(out('uhd.mp4'))).toMatchObject({ ...options, frames: 3, fastStart: true });
  }, 60_000);

  test('of the wrong length, of nothing, or of two sizes is refused', async () => {
    const one = await segment('len.mp4', 3, 90);
    const other = await segment('other.mp4', 3, 90, { width: 192 });
    const refused = async (segments: string[], expectedFrames: number, text: string): Promise<void> => {
      await expect(remuxSegments({ segments, output: out('refused.mp4'), expectedFrames })).rejects.toMatchObject({
        code: 'MEDIA_FAILED',
        message: expect.stringContaining(text),
      });
    };
    await refused([one, one], 7, 'hold 6 frames and the plan has 7');
    await refused([], 0, 'no segments');
    await refused([one, other], 6, 'other parameter sets');
  });
});

describe('a hostile segment', () => {
  const stitchTwo = async (bad: string): Promise<void> => {
    const good = await segment('good.mp4', 5, 90);
    await remuxSegments({ segments: [good, bad], output: out('hostile-film.mp4'), expectedFrames: 10 });
  };

  test.each([0.1, 0.5, 0.95])('cut at %d of its bytes is refused', async (part) => {
    const bad = await segment('cut.mp4', 5, 90);
    await truncate(bad, Math.floor((await stat(bad)).size * part));
    await expect(stitchTwo(bad)).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });

  test('that is text or empty is refused', async () => {
    await writeFile(out('text.mp4'), 'not a film'.repeat(1000));
    await writeFile(out('zero.mp4'), '');
    await expect(stitchTwo(out('text.mp4'))).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    await expect(stitchTwo(out('zero.mp4'))).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });

  test('with any one byte of its index changed is refused or still gives a whole film', async () => {
    const good = await segment('flip.mp4', 5, 90);
    const bytes = await readFile(good);
    const bad = out('flipped.mp4');
    const moov = bytes.indexOf('moov');
    let refused = 0;
    for (let offset = moov - 4; offset < bytes.length; offset += 7) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(bytes[offset]! ^ 0xff, offset);
      await writeFile(bad, changed);
      try {
        await remuxSegments({ segments: [good, bad], output: out('flip-film.mp4'), expectedFrames: 10 });
        expect(await probeVideo(out('flip-film.mp4'))).toMatchObject({ frames: 10, ...size });
      } catch (error) {
        expect(error).toMatchObject({ code: 'MEDIA_FAILED' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  }, 60_000);
});
