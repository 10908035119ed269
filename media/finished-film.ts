import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { mediaFailed } from './ffmpeg.ts';
import { listMp4Boxes } from './mp4-boxes.ts';
import {
  boxAt,
  boxBytes,
  type BoxNode,
  childrenOf,
  readBoxes,
  viewOf,
  withBytes,
  withChildren,
  withLeaves,
  withMovedSamples,
} from './mp4-tree.ts';
import { readFully } from './read-fully.ts';
import { type FrameRate, type TextTrack, type TimedText, writeTextTracks } from './text-tracks.ts';

/** The texts that a film gets when it is published, as its file holds them. */
export interface FilmTexts {
  readonly rate: FrameRate;
  /** By FFmpeg's names: `title`, `description`, `comment`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Language of the film: three letters of ISO 639-2, and a tag of BCP 47 where that says more. */
  readonly language: string;
  readonly languageTag?: string;
  /** Names of runs of frames, which players offer for jumping. */
  readonly chapters: readonly TimedText[];
  /** Shown over the pictures when the viewer wants them; none makes no track. */
  readonly captions: readonly TimedText[];
}

/** A list of chapters in the manner of Nero has one byte for their number. */
const maxNeroChapters = 255;

/**
 * Writes a film with tags, chapters and captions beside its pictures. The tracks of the film stay as they are, byte by byte; only the
 * index grows. So nothing is encoded or muxed again, and it costs a copy of the file.
 *
 * @param film - A fast-start MP4; it is not changed.
 * @throws PipelineError `MEDIA_FAILED` when it is none, `RESOURCE_DISK`.
 */
export async function finishFilm(film: string, output: string, words: FilmTexts): Promise<void> {
  const scratch = await mkdtemp(join(dirname(output), '.words-'));
  try {
    const side = join(scratch, 'text.mp4');
    const tracks = tracksOf(words);
    await writeTextTracks(side, tracks, words);
    const [main, text] = [await readIndex(film), await readIndex(side)];
    const extra = await readSamples(side);
    const moov = joinIndexes(main, text, words, { films: 0, texts: 0 });
    const start = main.start + boxBytes(moov).length;
    // Places are wider when a film is beyond 4 GiB; then the index is longer than that, and the second round finds it so.
    const settle = (guess: number): BoxNode => {
      const placed = joinIndexes(main, text, words, {
        texts: guess - extra.place,
        films: guess + extra.bytes.length - main.end,
      });
      const found = main.start + boxBytes(placed).length;
      return found === guess ? placed : settle(found);
    };
    const index = settle(start);
    const head = await readRange(film, 0, main.start);
    await pipeline(
      (async function* () {
        yield head;
        yield boxBytes(index);
        yield extra.bytes;
        yield* createReadStream(film, { start: main.end });
      })(),
      createWriteStream(output),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function tracksOf({ language, captions, chapters }: FilmTexts): readonly TextTrack[] {
  return [
    ...(captions.length === 0 ? [] : [{ name: 'Captions', language, texts: captions }]),
    { name: 'Chapters', language: 'und', texts: chapters },
  ];
}

/** The index of a file, and where it lies. */
interface FileIndex {
  readonly moov: BoxNode;
  readonly start: number;
  readonly end: number;
}

async function readIndex(file: string): Promise<FileIndex> {
  const box = (await listMp4Boxes(file)).find(({ type }) => type === 'moov');
  if (box === undefined) throw mediaFailed(`${file} has no index; make it again`, { file });
  const [moov] = readBoxes(await readRange(file, box.offset, box.offset + box.bytes));
  if (moov === undefined) throw mediaFailed(`${file} has an empty index; make it again`, { file });
  return { moov, start: box.offset, end: box.offset + box.bytes };
}

/** The samples of a small file as a box of their own, and where that lay. */
async function readSamples(file: string): Promise<{ readonly bytes: Uint8Array; readonly place: number }> {
  const box = (await listMp4Boxes(file)).find(({ type }) => type === 'mdat');
  if (box === undefined) throw mediaFailed(`${file} has no samples; make it again`, { file });
  return { bytes: await readRange(file, box.offset, box.offset + box.bytes), place: box.offset };
}

async function readRange(file: string, from: number, until: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(until - from);
    await readFully(handle, bytes, from, (byte) =>
      mediaFailed(`${file} ends at byte ${byte}, before byte ${until} that its boxes speak of; make it again`, {
        file,
      }),
    );
    return bytes;
  } finally {
    await handle.close();
  }
}

/** One index of the film's tracks and the text tracks, whose samples moved by so many bytes. */
function joinIndexes(
  { moov: main }: FileIndex,
  { moov: text }: FileIndex,
  words: FilmTexts,
  moved: { readonly films: number; readonly texts: number },
): BoxNode {
  const [ours, theirs] = [tracksIn(main), tracksIn(text)];
  const highest = Math.max(...ours.map(trackId));
  const texts = theirs.map((track, index) => {
    const isChapters = index === theirs.length - 1;
    return withMovedSamples(asTextTrack(track, highest + 1 + index, isChapters, words), moved.texts);
  });
  const chapters = highest + texts.length;
  const films = ours.map((track) => {
    const spoken = withLanguage(track, words.language);
    return withMovedSamples(isVideo(track) ? withChapters(spoken, chapters) : spoken, moved.films);
  });
  const rest = childrenOf(main).filter(({ type }) => type !== 'trak' && type !== 'udta' && type !== 'mvhd');
  const header = boxAt(main, 'mvhd');
  if (header === null || !('body' in header)) throw mediaFailed('The film has no header; make it again', {});
  // `next_track_ID` is the last field.
  const counted = withBytes(header, (view) => {
    view.setUint32(view.byteLength - 4, chapters + 1);
  });
  const tags = childrenOf(boxAt(text, 'udta') ?? { type: 'udta', children: [] });
  return withChildren(main, [
    counted,
    ...films,
    ...texts,
    ...rest,
    { type: 'udta', children: [...tags, neroChapters(words)] },
  ]);
}

function tracksIn(moov: BoxNode): readonly BoxNode[] {
  return childrenOf(moov).filter(({ type }) => type === 'trak');
}

function trackId(track: BoxNode): number {
  const header = boxAt(track, 'tkhd');
  if (header === null || !('body' in header)) throw mediaFailed('A track of the film has no header; make it again', {});
  return viewOf(header.body).getUint32(trackIdPlace(header.body));
}

/** Behind version, flags and two times, which are long in version 1. */
function trackIdPlace(body: Uint8Array): number {
  return body[0] === 1 ? 20 : 12;
}

function handlerOf(track: BoxNode): string {
  const handler = boxAt(track, 'mdia', 'hdlr');
  return handler !== null && 'body' in handler ? Buffer.from(handler.body.subarray(8, 12)).toString('latin1') : '';
}

function isVideo(track: BoxNode): boolean {
  return handlerOf(track) === 'vide';
}

/** A track that names another one as its chapters (QuickTime File Format, "Chapter Lists"). */
function withChapters(track: BoxNode, chapters: number): BoxNode {
  const reference = Buffer.alloc(12);
  reference.writeUInt32BE(reference.length);
  reference.write('chap', 4, 'latin1');
  reference.writeUInt32BE(chapters, 8);
  const [header, ...rest] = childrenOf(track);
  return withChildren(track, [...(header === undefined ? [] : [header]), { type: 'tref', body: reference }, ...rest]);
}

/** A text track with another number. Chapters are no captions: nobody shows them over the pictures. */
function asTextTrack(track: BoxNode, id: number, isChapters: boolean, { languageTag }: FilmTexts): BoxNode {
  const named = withLeaves(track, (leaf) => {
    if (leaf.type === 'tkhd') {
      return withBytes(leaf, (view) => {
        view.setUint32(trackIdPlace(leaf.body), id);
        // A track that is not enabled is not played by itself.
        if (isChapters) view.setUint32(0, view.getUint32(0) & ~0xf);
      });
    }
    if (leaf.type !== 'hdlr' || !isChapters) return leaf;
    return withBytes(leaf, (view) => {
      Array.from('text').forEach((sign, index) => {
        view.setUint8(8 + index, sign.charCodeAt(0));
      });
    });
  });
  return isChapters || languageTag === undefined ? named : withLanguageTag(named, languageTag);
}

/** A track in a language of ISO 639-2: three letters of five bits each. */
function withLanguage(track: BoxNode, language: string): BoxNode {
  const packed = Array.from(language).reduce((bits, letter) => (bits << 5) | (letter.charCodeAt(0) - 0x60), 0);
  return withLeaves(track, (leaf) =>
    leaf.type !== 'mdhd'
      ? leaf
      : withBytes(leaf, (view) => {
          view.setUint16(leaf.body[0] === 1 ? 32 : 20, packed);
        }),
  );
}

/** A track with a language of BCP 47 (`elng`), where three letters do not say enough. */
function withLanguageTag(track: BoxNode, tag: string): BoxNode {
  const body = Buffer.concat([Buffer.alloc(4), Buffer.from(tag, 'latin1'), Buffer.alloc(1)]);
  return withChildren(
    track,
    childrenOf(track).map((box) =>
      box.type === 'mdia'
        ? withChildren(
            box,
            childrenOf(box).flatMap((inner) => (inner.type === 'mdhd' ? [inner, { type: 'elng', body }] : [inner])),
          )
        : box,
    ),
  );
}

/** Chapters in the manner of Nero, which most players of computers read. Times are tenths of microseconds. */
function neroChapters({ chapters, rate }: FilmTexts): BoxNode {
  const kept = chapters.slice(0, maxNeroChapters);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, kept.length]);
  const entries = kept.map(({ from, text }) => {
    const name = shortName(text);
    const entry = Buffer.alloc(9);
    entry.writeBigUInt64BE((BigInt(from) * BigInt(rate.den) * 10_000_000n) / BigInt(rate.num));
    entry.writeUInt8(name.length, 8);
    return Buffer.concat([entry, name]);
  });
  return { type: 'chpl', body: Buffer.concat([header, ...entries]) };
}

/** A name in UTF-8, of at most 255 bytes and whole signs. */
function shortName(text: string): Buffer {
  const signs = Array.from(text);
  while (Buffer.byteLength(signs.join(''), 'utf8') > 255) signs.pop();
  return Buffer.from(signs.join(''), 'utf8');
}
