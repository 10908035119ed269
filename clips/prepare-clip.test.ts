import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB8,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_PRI_BT2020,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
} from 'node-av/constants';
import { FootageClip } from '../media/footage/footage-parts.ts';
import { drawFootage } from '../test/fakes/footage-file.ts';
import type { DrawnFootage } from '../test/fakes/footage-file.ts';
import { wavFile } from '../test/fakes/wav-file.ts';
import { clipPathOf } from './clip-source.ts';
import { partFile, prepareClip } from './prepare-clip.ts';
import type { FoundClip } from '../story/script/script.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-clips-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const target = { width: 640, height: 480, pads: false };
const prepared = async (file: string, wish = {}): Promise<FoundClip & { readonly out: string }> => {
  const out = join(folder, `out-${String(count++)}`);
  await mkdir(out);
  return { ...(await prepareClip(await clipPathOf(file), { target, fps: 24, mute: false, ...wish }, out)), out };
};
const drawn = (name: string, options: Omit<DrawnFootage, 'file'> = {}): Promise<string> =>
  drawFootage({ file: join(folder, name), ...options });
const open = (clip: FoundClip & { readonly out: string }): Promise<FootageClip> =>
  FootageClip.open(
    clip.parts.map((_, part) => partFile(clip.out, part)),
    { first: 0, length: clip.partFrames, frames: clip.frames },
  );
/** Red, green and blue in the middle of a quarter of a frame. */
const quarter = async (
  clip: FoundClip & { readonly out: string },
  frame: number,
  x: number,
  y: number,
): Promise<number[]> => {
  const reader = await open(clip);
  try {
    const { data, width, height } = await reader.read(frame, 1);
    const at = Math.floor(y * height) * width + Math.floor(x * width);
    return [0, 1, 2].map((colour) => data[colour * width * height + at] ?? -1);
  } finally {
    await reader.close();
  }
};
const near = (found: readonly number[], expected: readonly number[], within = 8): void => {
  found.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] ?? 0))).toBeLessThanOrEqual(within);
  });
};

describe('what people have', () => {
  test.each<[string, Omit<DrawnFootage, 'file'>, string]>([
    ['h264.mp4', {}, 'h264'],
    ['hevc.mov', { codec: 'libx265' }, 'hevc'],
    ['ten-bit.mkv', { codec: 'libx265', format: AV_PIX_FMT_YUV420P10LE }, 'hevc'],
    ['vp9.webm', { codec: 'libvpx-vp9' }, 'vp9'],
    ['av1.mp4', { codec: 'libsvtav1', width: 128, height: 96 }, 'av1'],
    ['mpeg4.mp4', { codec: 'mpeg4' }, 'mpeg4'],
    [
      'full-range.mp4',
      { codec: 'mjpeg', format: AV_PIX_FMT_YUVJ420P, range: AVCOL_RANGE_JPEG, matrix: AVCOL_SPC_SMPTE170M },
      'mjpeg',
    ],
    ['bt601.mp4', { matrix: AVCOL_SPC_SMPTE170M }, 'h264'],
    ['bt709.mp4', { matrix: AVCOL_SPC_BT709 }, 'h264'],
    ['colours.gif', { codec: 'gif', format: AV_PIX_FMT_RGB8 }, 'gif'],
  ])('%s has its frames, rate and colours', async (name, options, codec) => {
    const clip = await prepared(await drawn(name, options));
    expect(clip).toMatchObject({ frames: 12, rate: { num: 25, den: 1 } });
    expect(clip.was).toContain(codec);
    // A palette of 256 colours is coarse, and lossy codecs are not exact.
    const within = codec === 'gif' ? 32 : 6;
    near(await quarter(clip, 3, 0.2, 0.2), [200, 40, 40], within);
    near(await quarter(clip, 3, 0.8, 0.8), [40, 40, 200], within);
    near(await quarter(clip, 9, 0.2, 0.8), [92, 92, 92], within);
  });

  test.each<[string, readonly [number, number, number, number], [number, number], [number, number, number]]>([
    ['clockwise', [0, 1, -1, 0], [48, 64], [20, 20, 20]],
    ['counter-clockwise', [0, -1, 1, 0], [48, 64], [40, 180, 40]],
    ['upside-down', [-1, 0, 0, -1], [64, 48], [40, 40, 200]],
    ['mirrored', [-1, 0, 0, 1], [64, 48], [40, 180, 40]],
  ])('a phone that was held %s is turned upright', async (name, turn, [width, height], corner) => {
    const clip = await prepared(await drawn(`${name}.mp4`, { turn }));
    expect(clip).toMatchObject({ width, height });
    expect(clip.was).toContain(`turned ${name}`);
    near(await quarter(clip, 0, 0.2, 0.2), corner, 14);
  });

  test('frames that come when they like are shown when they came: held, and none lost', async () => {
    const clip = await prepared(await drawn('varying.mkv', { times: [0, 40, 80, 280, 320, 640, 680] }));
    expect(clip).toMatchObject({ frames: 18, rate: { num: 25, den: 1 } });
    expect(clip.was).toContain('varying');
    const greys = await Promise.all([0, 1, 2, 6, 7, 8, 15, 16, 17].map((frame) => quarter(clip, frame, 0.2, 0.8)));
    greys.forEach(([grey = 0], index) => {
      expect(Math.round((grey - 20) / 8)).toBe([0, 1, 2, 2, 3, 4, 4, 5, 6][index]);
    });
  });

  test('odd sides lose a column or row and nothing else; pixels become square', async () => {
    expect(await prepared(await drawn('odd.mkv', { width: 65, height: 49, codec: 'ffv1' }))).toMatchObject({
      width: 64,
      height: 48,
    });
    expect(await prepared(await drawn('anamorphic.mp4', { aspect: [4, 3] }))).toMatchObject({ width: 84, height: 48 });
  });

  test('what is larger than the film is stored as the film shows it, cropped or with bars', async () => {
    const file = await drawn('large.mp4', { width: 256, height: 128 });
    const film = { width: 64, height: 64 };
    expect(await prepared(file, { target: { ...film, pads: false } })).toMatchObject({ width: 128, height: 64 });
    expect(await prepared(file, { target: { ...film, pads: true } })).toMatchObject({ width: 64, height: 32 });
  });

  test('a folder of pictures is a clip, in the order of their numbers', async () => {
    const pictures = join(folder, 'pictures');
    await mkdir(pictures);
    for (const index of [2, 10, 1]) {
      const level = 10 * index;
      await drawFootage({
        file: join(pictures, `frame-${String(index)}.png`),
        codec: 'png',
        format: AV_PIX_FMT_RGB24,
        frames: 1,
        muxer: { update: '1' },
        colour: () => [level, level, level],
      });
    }
    await writeFile(join(pictures, 'notes.txt'), 'not a picture');
    const clip = await prepared(pictures, { fps: 12 });
    expect(clip).toMatchObject({ frames: 3, rate: { num: 12_000, den: 1000 }, width: 64, height: 48 });
    for (const [frame, level] of [10, 20, 100].entries())
      near(await quarter(clip, frame, 0.5, 0.5), [level, level, level], 2);
  });

  test('parts have equal length and are the same bytes each time', async () => {
    const file = await drawn('long.mp4', { frames: 100 });
    const [once, again] = [await prepared(file), await prepared(file)];
    expect([once.frames, once.partFrames, once.parts.length]).toEqual([100, 48, 3]);
    expect(again.parts).toEqual(once.parts);
    const reader = await open(once);
    expect((await reader.read(46, 4)).count).toBe(4);
    await expect(reader.read(99, 2)).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    await reader.close();
  });
});

describe('what cannot be shown is told by name', () => {
  const refused = (file: string, says: RegExp): Promise<void> =>
    expect(prepared(file)).rejects.toMatchObject({
      code: 'SCRIPT_INVALID',
      message: expect.stringMatching(says) as unknown,
    });
  const written = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return file;
  };

  test('an empty file, a text, a playlist, a song', async () => {
    await refused(await written('empty.mp4', ''), /is an empty file/);
    await refused(await written('text.mp4', 'not a video at all'), /is no video/);
    await refused(await written('list.mp4', '#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n'), /is no video/);
    await refused(await written('concat.mp4', 'ffconcat version 1.0\nfile /etc/passwd\n'), /is no video/);
    await refused(
      await written('song.wav', wavFile({ rate: 8000, channels: 1, bits: 16, samples: 800, wave: () => 0 })),
      /is no video|has no pictures/,
    );
  });

  test('one picture, pictures of different sizes, a folder without any', async () => {
    await refused(await drawn('one.gif', { codec: 'gif', format: AV_PIX_FMT_RGB8, frames: 1 }), /has one picture/);
    const mixed = join(folder, 'mixed');
    await mkdir(mixed);
    await refused(mixed, /folder with 0 pictures/);
    const still = { codec: 'png', format: AV_PIX_FMT_RGB24, frames: 1, muxer: { update: '1' } } as const;
    await drawFootage({ ...still, file: join(mixed, '1.png') });
    await drawFootage({ ...still, file: join(mixed, '2.png'), width: 32 });
    await refused(mixed, /different sizes: .*2\.png is 32x48 and the first 64x48/);
  });

  test('HDR and wide gamut', async () => {
    const hdr = {
      codec: 'libx265',
      format: AV_PIX_FMT_YUV420P10LE,
      matrix: AVCOL_SPC_BT2020_NCL,
      primaries: AVCOL_PRI_BT2020,
    };
    await refused(await drawn('pq.mp4', { ...hdr, transfer: AVCOL_TRC_SMPTE2084 }), /is HDR \(PQ\).*convert it to SDR/);
    await refused(await drawn('hlg.mov', { ...hdr, transfer: AVCOL_TRC_ARIB_STD_B67 }), /is HDR \(HLG\)/);
    await refused(await drawn('wide.mp4', hdr), /is wide gamut/);
  });

  test('an encrypted file', async () => {
    const muxer = {
      encryption_scheme: 'cenc-aes-ctr',
      encryption_key: '00112233445566778899aabbccddeeff',
      encryption_kid: 'a7e61c373e219033c21091fa607bf3b8',
    };
    await refused(await drawn('encrypted.mp4', { muxer }), /is encrypted/);
  });

  test('files that were cut off or altered', async () => {
    const whole = await readFile(await drawn('whole.mp4', { frames: 100, muxer: { movflags: '+faststart' } }));
    await refused(
      await written('cut.mp4', whole.subarray(0, Math.floor(whole.length / 2))),
      /cut off or damaged|is damaged after/,
    );
    const endless = await readFile(await drawn('endless.mp4', { frames: 50 }));
    await refused(await written('headless.mp4', endless.subarray(0, endless.length - 600)), /is no video/);
    const stream = await readFile(await drawn('stream.webm', { frames: 100, codec: 'libvpx-vp9' }));
    await refused(
      await written('cut.webm', stream.subarray(0, Math.floor(stream.length / 2))),
      /cut off or damaged|is damaged/,
    );
  });

  test('a header that lies about its length, its size and its frames', async () => {
    const bytes = await readFile(await drawn('honest.mp4', { frames: 25 }));
    // The sample description says more than the stream has.
    const wide = Buffer.from(bytes);
    const at = wide.indexOf('avc1', wide.indexOf('stsd'));
    wide.writeUInt16BE(65_535, at + 28);
    wide.writeUInt16BE(65_535, at + 30);
    // The stream knows better.
    expect(await prepared(await written('wide-header.mp4', wide))).toMatchObject({ width: 64, height: 48, frames: 25 });
    const gif = await readFile(await drawn('huge.gif', { codec: 'gif', format: AV_PIX_FMT_RGB8 }));
    gif.writeUInt16LE(20_000, 6);
    gif.writeUInt16LE(20_000, 8);
    await expect(prepared(await written('huge-header.gif', gif))).rejects.toMatchObject({ code: 'SCRIPT_INVALID' });
  });
});
