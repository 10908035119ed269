import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AVERROR_EOF } from 'node-av/constants';
import { Dictionary, FormatContext, Packet } from 'node-av/lib';
import { finishFilm, type FilmTexts } from '../../media/finished-film.ts';
import { listMp4Boxes } from '../../media/mp4-boxes.ts';
import { boxAt, childrenOf, readBoxes, type BoxNode } from '../../media/mp4-tree.ts';
import { probeVideo } from '../../media/probe.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';

let folder: string;
let film: string;
const out = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-finished-'));
  film = out('film.mp4');
  const segments = [];
  for (let number = 0; number < 3; number += 1) {
    const file = out(`${String(number)}.mp4`);
    const encoder = await openSegmentEncoder({ file, width: 160, height: 90, fps: 24 });
    const chroma = new Uint8Array(80 * 45).fill(120);
    for (let n = 0; n < 24; n += 1)
      await encoder.write({ y: new Uint8Array(160 * 90).fill(30 + 60 * number + n), u: chroma, v: chroma });
    await encoder.close();
    segments.push(file);
  }
  await remuxSegments({ segments, output: film, expectedFrames: 72 });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const words: FilmTexts = {
  rate: { num: 24, den: 1 },
  tags: { title: 'Été — 灯台', description: 'A film', comment: 'story-x' },
  language: 'fra',
  languageTag: 'fr-CA',
  chapters: [
    { from: 0, until: 24, text: 'Dawn' },
    { from: 24, until: 50, text: '嵐'.repeat(100) },
    { from: 50, until: 72, text: 'End' },
  ],
  captions: [
    { from: 6, until: 20, text: 'Bonjour\nle monde' },
    { from: 30, until: 60, text: 'مرحبا' },
  ],
};

interface Track {
  readonly language: string | undefined;
  readonly codec: number;
  readonly packets: readonly { readonly pts: number; readonly duration: number; readonly data: Buffer }[];
}

/** What FFmpeg finds in a file. */
async function read(file: string): Promise<{ readonly tags: Record<string, string>; readonly tracks: Track[] }> {
  const format = new FormatContext();
  // Else FFmpeg keeps what a track of chapters says to itself.
  using options = Dictionary.fromObject({ ignore_chapters: 1 });
  await format.openInput(file, null, options);
  await format.findStreamInfo();
  const tracks = format.streams.map((stream) => ({
    language: stream.metadata?.get('language') ?? undefined,
    codec: stream.codecpar.codecId,
    packets: [] as { pts: number; duration: number; data: Buffer }[],
  }));
  const packet = new Packet();
  packet.alloc();
  while ((await format.readFrame(packet)) !== AVERROR_EOF) {
    const { timeBase } = format.streams[packet.streamIndex]!;
    const frames = (time: bigint): number => (24 * Number(time) * timeBase.num) / timeBase.den;
    const data = Buffer.from(packet.data ?? []);
    tracks[packet.streamIndex]?.packets.push({ pts: frames(packet.pts), duration: frames(packet.duration), data });
    packet.unref();
  }
  packet.free();
  const tags = format.metadata?.getAll() ?? {};
  await format.closeInput();
  return { tags, tracks };
}

async function indexOf(file: string): Promise<BoxNode> {
  const { offset, bytes } = (await listMp4Boxes(file)).find(({ type }) => type === 'moov')!;
  return readBoxes((await readFile(file)).subarray(offset, offset + bytes))[0]!;
}

describe('a finished film', () => {
  test('has tags, languages, captions and chapters, and the very pictures of the film', async () => {
    await finishFilm(film, out('done.mp4'), words);
    const [before, after] = [await read(film), await read(out('done.mp4'))];
    expect(after.tags).toMatchObject(words.tags);
    expect(after.tracks.map(({ language }) => language)).toEqual(['fra', 'fra', 'und']);
    expect(after.tracks[0]?.packets).toEqual(before.tracks[0]?.packets);
    const said = after.tracks[1]?.packets.filter(({ data }) => data.length > 2);
    expect(
      said?.map(({ pts, duration, data }) => ({ from: pts, until: pts + duration, text: data.subarray(2).toString() })),
    ).toEqual(words.captions);
    const named = after.tracks[2]?.packets.filter(({ data }) => data.length > 2);
    expect(named?.map(({ pts, data }) => ({ from: pts, text: data.subarray(2).toString() }))).toEqual(
      words.chapters.map(({ from, text }) => ({ from, text })),
    );
    expect(named?.[0]?.pts).toBe(0);
    expect(await probeVideo(out('done.mp4'))).toMatchObject({ frames: 72, fastStart: true, keyFrames: 3, seconds: 3 });
  });

  test('names its chapters in both ways that players know', async () => {
    await finishFilm(film, out('chapters.mp4'), words);
    const moov = await indexOf(out('chapters.mp4'));
    const [video, captions, chapters] = childrenOf(moov).filter(({ type }) => type === 'trak');
    const reference = boxAt(video!, 'tref');
    expect(reference !== null && 'body' in reference && Buffer.from(reference.body).toString('latin1')).toBe(
      '\0\0\0\x0cchap\0\0\0\x03',
    );
    const handler = (track: BoxNode) => {
      const box = boxAt(track, 'mdia', 'hdlr');
      return box !== null && 'body' in box ? Buffer.from(box.body.subarray(8, 12)).toString() : '';
    };
    expect([video!, captions!, chapters!].map(handler)).toEqual(['vide', 'sbtl', 'text']);
    const list = boxAt(moov, 'udta', 'chpl');
    const body = Buffer.from(list !== null && 'body' in list ? list.body : []);
    expect(body.readUInt8(8)).toBe(3);
    expect(body.readBigUInt64BE(9)).toBe(0n);
    expect(body.subarray(18, 22).toString()).toBe('Dawn');
    // A name of 300 bytes keeps whole signs of 255.
    expect([body.readBigUInt64BE(22), body.readUInt8(30)]).toEqual([10_000_000n, 255]);
    expect(body.subarray(31, 31 + 255).toString()).toBe('嵐'.repeat(85));
  });

  test('has no track of captions when there are none, and is the same file each time', async () => {
    const few: FilmTexts = {
      rate: words.rate,
      tags: { title: 'A' },
      language: 'und',
      chapters: words.chapters,
      captions: [],
    };
    await finishFilm(film, out('few.mp4'), few);
    await finishFilm(film, out('again.mp4'), few);
    expect((await read(out('few.mp4'))).tracks).toHaveLength(2);
    expect((await readFile(out('few.mp4'))).equals(await readFile(out('again.mp4')))).toBe(true);
  });

  test('is not made of a file that is no film', async () => {
    await expect(
      finishFilm(path.join(import.meta.dirname, 'finished-film.test.ts'), out('no.mp4'), words),
    ).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});
