import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext } from 'node-av/lib';
import type { Encoding } from '../../media/encodings.ts';
import { finishFilm } from '../../media/finished-film.ts';
import type { FramePart, PictureSize } from '../../media/frame-part.ts';
import { makePreview } from '../../media/preview.ts';
import { probeVideo } from '../../media/probe.ts';
import { openFrameReader } from '../../media/read-frames.ts';
import { makeRendition } from '../../media/rendition.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';

const [width, height] = [320, 180];
/** Frames of the segments, one of them a single frame. */
const lengths = [24, 7, 1];
const numFrames = 32;
let folder: string;
let segments: string[];
const out = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-codecs-'));
  segments = [];
  let first = 0;
  for (const frames of lengths) {
    const file = out(`segment-${String(first)}.mp4`);
    const encoder = await openSegmentEncoder({ file, width, height, fps: 24 });
    for (let frame = first; frame < first + frames; frame += 1) await encoder.write(slope(frame));
    await encoder.close();
    segments.push(file);
    first += frames;
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Rises to the right, is lighter in each frame, and is red on the left half and blue on the right one. */
function slope(frame: number) {
  const y = Uint8Array.from({ length: width * height }, (_, at) => 40 + Math.floor((at % width) / 4) + 2 * frame);
  const chroma = (left: number, right: number): Uint8Array =>
    Uint8Array.from({ length: (width * height) / 4 }, (_, at) => (at % (width / 2) < width / 4 ? left : right));
  return { y, u: chroma(110, 150), v: chroma(160, 110) };
}

/** All of a frame, or the part of it with this shape that begins at a column. */
const shown =
  (size: PictureSize, left: number) =>
  (_: number, whole: PictureSize): FramePart => {
    const part = Math.min(whole.width, 2 * Math.round((whole.height * size.width) / size.height / 2));
    return { left, top: 0, width: part, height: whole.height };
  };

async function film(encoding: Encoding, size: PictureSize = { width, height }, left = 0): Promise<string> {
  const name = createHash('sha1')
    .update(JSON.stringify([encoding, size, left]))
    .digest('hex')
    .slice(0, 8);
  const pieces = [];
  for (const [index, segment] of segments.entries()) {
    const piece = out(`${name}-${String(index)}.mp4`);
    await makeRendition(segment, piece, {
      ...size,
      frames: lengths[index]!,
      encoding,
      partOf: shown(size, left),
      place: () => ({ left: 0, top: 0, ...size }),
      overlays: [],
      onFrame: () => undefined,
    });
    pieces.push(piece);
  }
  const file = out(`${name}.${encoding.codec === 'prores' ? 'mov' : 'mp4'}`);
  await remuxSegments({ segments: pieces, output: file, expectedFrames: numFrames });
  return file;
}

const encodings: readonly Encoding[] = [
  { codec: 'h264', depth: 8, quality: 20 },
  { codec: 'h264', depth: 10, quality: 20 },
  { codec: 'hevc', depth: 8, quality: 20 },
  { codec: 'hevc', depth: 10, quality: 20 },
  { codec: 'av1', depth: 8, quality: 26 },
  { codec: 'av1', depth: 10, quality: 26 },
  { codec: 'vp9', depth: 8, quality: 28 },
  { codec: 'vp9', depth: 10, quality: 28 },
  { codec: 'prores', depth: 10 },
];
const names: Readonly<Record<string, RegExp>> = {
  h264: /^avc1\.6[4e]/,
  hevc: /^hvc1\./,
  av1: /^av01\./,
  vp9: /^vp09\./,
  prores: /^prores/,
};

describe('a film in each codec', () => {
  test.each(encodings)(
    '$codec of $depth bits says what it is, and shows every frame as it was, joined of its pieces (Y1)',
    async (encoding) => {
      const file = await film(encoding);
      const probe = await probeVideo(file);
      expect(probe).toMatchObject({
        ...encodingOf(encoding),
        width,
        height,
        fps: 24,
        frames: numFrames,
        seconds: numFrames / 24,
        fastStart: true,
        bt709: true,
        keyFrames: encoding.codec === 'prores' ? numFrames : lengths.length,
      });
      expect(probe.codecString).toMatch(names[encoding.codec]!);
      const [original, coded] = [
        await averages(await film({ codec: 'h264', depth: 8, quality: 4 })),
        await averages(file),
      ];
      expect(coded).toHaveLength(numFrames);
      coded.forEach((colour, frame) => {
        colour.forEach((value, index) => {
          expect(Math.abs(value - original[frame]![index]!)).toBeLessThan(2.5);
        });
      });
    },
  );

  test.each(encodings)('$codec of $depth bits is the same bytes each time (Y2)', async (encoding) => {
    const hash = async (piece: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(piece))
        .digest('hex');
    const make = async (piece: string): Promise<string> => {
      await makeRendition(segments[0]!, piece, {
        width: 160,
        height: 90,
        frames: 24,
        encoding,
        overlays: [],
        partOf: (_, whole) => ({ left: 0, top: 0, ...whole }),
        place: () => ({ left: 0, top: 0, width: 160, height: 90 }),
        onFrame: () => undefined,
      });
      return hash(piece);
    };
    expect(await make(out('again.mp4'))).toBe(await make(out('once.mp4')));
  });

  test.each(['h264', 'hevc', 'av1', 'vp9', 'prores'] as const)(
    '%s has its chapters, its title and its language',
    async (codec) => {
      const file = await film(encodings.find((encoding) => encoding.codec === codec)!);
      const finished = out(`finished-${codec}${path.extname(file)}`);
      await finishFilm(file, finished, {
        rate: { num: 24, den: 1 },
        tags: { title: 'Été', comment: 'story-x' },
        language: 'fra',
        chapters: [
          { from: 0, until: 24, text: 'Dawn' },
          { from: 24, until: numFrames, text: 'Night' },
        ],
        captions: [],
      });
      const format = new FormatContext();
      await format.openInput(finished);
      try {
        const index = format.findBestStream(AVMEDIA_TYPE_VIDEO);
        expect(format.metadata?.get('title')).toBe('Été');
        expect(format.streams[index]?.metadata?.get('language')).toBe('fra');
        expect(chaptersOf(await readFile(finished))).toEqual(['Dawn', 'Night']);
      } finally {
        await format.closeInput();
      }
      expect(await probeVideo(finished)).toMatchObject({ codec, frames: numFrames, bt709: true });
    },
  );

  test('takes a part of the frames in another shape, which is not stretched', async () => {
    const size = { width: 100, height: 180 };
    const [left, right] = [await film(encodings[0]!, size, 0), await film(encodings[0]!, size, 220)];
    expect(await probeVideo(left)).toMatchObject(size);
    const [red, , blue] = (await averages(left))[0]!;
    const [lessRed, , moreBlue] = (await averages(right))[0]!;
    expect(red!).toBeGreaterThan(blue! + 20);
    expect(moreBlue!).toBeGreaterThan(lessRed! + 20);
  });

  test.each(['gif', 'webp'] as const)(
    'as a %s has the frames that were asked for, and goes on for ever',
    async (codec) => {
      const file = out(`look.${codec}`);
      const done: number[] = [];
      await makePreview(segments, file, {
        codec,
        width: 160,
        height: 90,
        fps: 12,
        frames: 16,
        filmFrames: numFrames,
        onFrame: (frame) => done.push(frame),
      });
      expect(done).toEqual(Array.from({ length: 16 }, (_, frame) => frame));
      const bytes = await readFile(file);
      const frames =
        codec === 'gif' ? countOf(bytes, Buffer.from([0x21, 0xf9, 0x04])) : countOf(bytes, Buffer.from('ANMF'));
      // WebP leaves out a frame that is like the one before.
      expect(frames).toBeGreaterThanOrEqual(codec === 'gif' ? 16 : 12);
      if (codec === 'gif') expect(bytes.includes('NETSCAPE2.0\u0003\u0001\u0000\u0000', 0, 'latin1')).toBe(true);
      else expect(bytes.readUInt16LE(bytes.indexOf('ANIM') + 12)).toBe(0);
    },
  );

  test('refuses a piece of another length, and says which', async () => {
    const made = makeRendition(segments[1]!, out('short.mp4'), {
      width,
      height,
      frames: 8,
      encoding: encodings[0]!,
      overlays: [],
      partOf: shown({ width, height }, 0),
      place: () => ({ left: 0, top: 0, width, height }),
      onFrame: () => undefined,
    });
    await expect(made).rejects.toMatchObject({ code: 'MEDIA_FAILED', details: { file: segments[1] } });
  });
});

const encodingOf = ({ codec, depth }: Encoding) => ({ codec, depth });

/** Mean red, green and blue of the left quarter of each frame. */
async function averages(file: string): Promise<number[][]> {
  const reader = await openFrameReader(file, { maxWidth: width });
  try {
    const means: number[][] = [];
    for await (const picture of reader.frames()) {
      const sums = [0, 0, 0];
      const columns = Math.floor(picture.width / 4);
      for (let row = 0; row < picture.height; row += 1)
        for (let column = 0; column < columns; column += 1)
          for (let colour = 0; colour < 3; colour += 1)
            sums[colour]! += picture.data[3 * (row * picture.width + column) + colour]!;
      means.push(sums.map((sum) => sum / (picture.height * columns)));
    }
    return means;
  } finally {
    await reader.close();
  }
}

/** The names in a list of chapters in the manner of Nero. */
function chaptersOf(file: Buffer): string[] {
  const list = file.subarray(file.indexOf('chpl') + 4);
  const names = [];
  let at = 9;
  for (let left = list.readUInt8(8); left > 0; left -= 1) {
    const length = list.readUInt8(at + 8);
    names.push(list.subarray(at + 9, at + 9 + length).toString('utf8'));
    at += 9 + length;
  }
  return names;
}

function countOf(bytes: Buffer, part: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + 1)) count += 1;
  return count;
}
