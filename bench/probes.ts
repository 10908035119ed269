/**
 * What ffprobe finds in a film of every codec: colour tags, bits, chapters, tags, sound. Run: `npx tsx bench/probes.ts <ffprobe>`, with the path of the programme, which is no part of Shotline
 * (`npm install --no-save @ffprobe-installer/ffprobe` fetches one). Prints a table and writes bench/results/probes.json. No model and no server works.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Encoding } from '../media/encodings.ts';
import { finishFilm } from '../media/finished-film.ts';
import { makeRendition } from '../media/rendition.ts';
import { openSegmentEncoder } from '../media/segment-encoder.ts';
import { SoundEncoder } from '../media/sound/sound-encoder.ts';
import { SoundTrack } from '../media/sound/sound-track.ts';
import { remuxSegments } from '../media/stitch.ts';
import { cartoonFrame } from './cartoon-frame.ts';
import { report, type Row } from './report.ts';

interface Probe {
  readonly streams: readonly (Readonly<Record<string, string | number>> & {
    readonly tags?: Readonly<Record<string, string>>;
  })[];
  readonly chapters: readonly { readonly tags?: { readonly title?: string } }[];
  readonly format: { readonly tags?: Readonly<Record<string, string>> };
}

const ffprobe = process.argv[2] ?? 'ffprobe';
const [width, height, fps, frames] = [640, 360, 24, 48];
const encodings: readonly Encoding[] = [
  ...([8, 10] as const).flatMap((depth): Encoding[] => [
    { codec: 'h264', depth, quality: 18 },
    { codec: 'hevc', depth, quality: 20 },
    { codec: 'av1', depth, quality: 26 },
    { codec: 'vp9', depth, quality: 28 },
  ]),
  { codec: 'prores', depth: 10 },
];
const folder = await mkdtemp(join(tmpdir(), 'shotline-probes-'));
try {
  const segment = join(folder, 'segment.mp4');
  const encoder = await openSegmentEncoder({ file: segment, width, height, fps });
  for (let frame = 0; frame < fps; frame += 1) await encoder.write(cartoonFrame(width, height, frame));
  await encoder.close();
  const rows: Row[] = [];
  for (const encoding of encodings) {
    const codec = encoding.codec === 'prores' || encoding.codec === 'vp9' ? 'opus' : 'aac';
    rows.push(rowOf(encoding, probed(await filmOf(segment, encoding, encoding.codec === 'prores' ? 'aac' : codec))));
  }
  await report('probes', { width, height, fps, frames }, rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Two segments, sound, chapters and tags, as a story has them. */
async function filmOf(segment: string, encoding: Encoding, codec: 'aac' | 'opus'): Promise<string> {
  const [piece, sound] = [join(folder, 'piece.mp4'), join(folder, 'sound.mp4')];
  await makeRendition(segment, piece, {
    width,
    height,
    frames: fps,
    encoding,
    overlays: [],
    partOf: (_, whole) => ({ left: 0, top: 0, ...whole }),
    place: () => ({ left: 0, top: 0, width, height }),
    onFrame: () => undefined,
  });
  const coder = await SoundEncoder.open({ file: sound, codec, channels: 2 });
  await coder.write(
    Float32Array.from({ length: 2 * 2 * 48_000 }, (_, at) => 0.3 * Math.sin(Math.floor(at / 2) * 0.03)),
  );
  await coder.close();
  const ending = encoding.codec === 'prores' ? 'mov' : 'mp4';
  const [film, finished] = [join(folder, `film.${ending}`), join(folder, `finished.${ending}`)];
  const track = await SoundTrack.open(sound);
  try {
    await remuxSegments({ segments: [piece, piece], output: film, expectedFrames: frames, tracks: [track] });
  } finally {
    await track.close();
  }
  await finishFilm(film, finished, {
    rate: { num: fps, den: 1 },
    tags: { title: 'The keeper', description: 'A boat comes home.', comment: 'story-x' },
    language: 'eng',
    chapters: [
      { from: 0, until: 24, text: 'Dawn' },
      { from: 24, until: frames, text: 'Night' },
    ],
    captions: [{ from: 6, until: 20, text: 'The sea is calm.' }],
  });
  return finished;
}

function probed(file: string): Probe {
  const asked = [
    '-v',
    'error',
    '-of',
    'json',
    '-show_streams',
    '-show_chapters',
    '-show_format',
    '-count_packets',
    file,
  ];
  return JSON.parse(execFileSync(ffprobe, asked, { encoding: 'utf8' })) as Probe;
}

function rowOf({ depth }: Encoding, { streams, chapters, format }: Probe): Row {
  const of = (kind: string) => streams.find((stream) => stream['codec_type'] === kind);
  const [video, audio, text] = [of('video'), of('audio'), of('subtitle')];
  const said = (key: string): string => String(video?.[key] ?? '–');
  const colours = [...new Set(['color_primaries', 'color_transfer', 'color_space'].map(said))].join(' ');
  return {
    codec: said('codec_name'),
    profile: said('profile'),
    tag: said('codec_tag_string'),
    bits: depth,
    pixels: said('pix_fmt'),
    colours,
    range: said('color_range'),
    frames: said('nb_read_packets'),
    rate: said('r_frame_rate'),
    sound: `${String(audio?.['codec_name'])} ${Number(audio?.['duration']).toFixed(3)} s`,
    chapters: chapters.map(({ tags }) => tags?.title ?? '').join(', '),
    captions: `${String(text?.['codec_name'] ?? '–')} ${text?.tags?.['language'] ?? ''}`,
    title: format.tags?.['title'] ?? '–',
    language: video?.tags?.['language'] ?? '–',
  };
}
