/**
 * What a changed soundtrack costs for a minute of film: the mix, at its loudness and coded, the film put together again, and its words added. Run: `npx tsx bench/changed-sound.ts`. Prints a
 * table and writes bench/results/changed-sound.json. A changed caption is the last row alone. Wall clock and processor seconds; no model and no server works.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishFilm } from '../media/finished-film.ts';
import { openSegmentEncoder } from '../media/segment-encoder.ts';
import { makeFilmSound } from '../media/sound/film-sound.ts';
import { SoundEncoder } from '../media/sound/sound-encoder.ts';
import { SoundTrack } from '../media/sound/sound-track.ts';
import { remuxSegments } from '../media/stitch.ts';
import { cartoonFrame } from './cartoon-frame.ts';
import { report, type Row } from './report.ts';

const [seconds, fps, rate] = [60, 24, 48_000];
const [width, height] = [1920, 1080];
const samples = seconds * rate;
const folder = await mkdtemp(join(tmpdir(), 'shotline-sound-'));
try {
  const segment = join(folder, 'segment.mp4');
  const encoder = await openSegmentEncoder({ file: segment, width, height, fps });
  for (let frame = 0; frame < fps; frame += 1) await encoder.write(cartoonFrame(width, height, frame));
  await encoder.close();
  const music = join(folder, 'music.flac');
  const wave = await SoundEncoder.open({ file: music, codec: 'flac', channels: 2 });
  await wave.write(Float32Array.from({ length: 2 * 20 * rate }, (_, at) => 0.3 * Math.sin(Math.floor(at / 2) * 0.03)));
  await wave.close();
  const sound = join(folder, 'sound.mp4');
  const film = join(folder, 'film.mp4');
  const rows: Row[] = [
    await measured('mix, loudness and AAC', () =>
      makeFilmSound({
        sounds: [
          {
            file: music,
            formats: 'flac',
            isVoice: false,
            from: 0,
            at: 0,
            length: samples,
            volume: 1,
            fadeIn: 0,
            fadeOut: rate,
            loop: true,
          },
        ],
        samples,
        duck: 12,
        codec: 'aac',
        loudness: -16,
        output: sound,
        scratch: join(folder, 'mix.pcm'),
        onProgress: () => undefined,
      }),
    ),
    await measured('film of 60 segments, by remux', async () => {
      const track = await SoundTrack.open(sound);
      try {
        const segments = Array.from({ length: seconds }, () => segment);
        await remuxSegments({ segments, output: film, expectedFrames: seconds * fps, tracks: [track] });
      } finally {
        await track.close();
      }
    }),
    await measured('tags, chapters and captions', () =>
      finishFilm(film, join(folder, 'finished.mp4'), {
        rate: { num: fps, den: 1 },
        tags: { title: 'A minute' },
        language: 'eng',
        chapters: [{ from: 0, until: seconds * fps, text: 'One' }],
        captions: Array.from({ length: 20 }, (_, at) => ({
          from: 72 * at,
          until: 72 * at + 48,
          text: `Caption ${String(at)}`,
        })),
      }),
    ),
  ];
  await report('changed-sound', { seconds, width, height }, rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measured(what: string, work: () => Promise<unknown>): Promise<Row> {
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  const wall = (performance.now() - startMs) / 1000;
  return { what, 'wall s': Number(wall.toFixed(2)), 'processor s': Number(((user + system) / 1e6).toFixed(2)) };
}
