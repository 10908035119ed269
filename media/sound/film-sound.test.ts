import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeFilmSound, truePeakCeiling } from './film-sound.ts';
import type { FilmSoundOptions } from './film-sound.ts';
import type { MixedSound } from './mixer.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { SoundTrack } from './sound-track.ts';
import { soundRate } from './sound-rate.ts';

// A coder of sound takes some seconds on a busy machine.
jest.setTimeout(60_000);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'film-sound-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, wave: (at: number) => number): Promise<MixedSound> {
  const file = join(folder, `${name}.flac`);
  const encoder = await SoundEncoder.open({ file, codec: 'flac', channels: 1 });
  await encoder.write(Float32Array.from({ length: 2 * soundRate }, (_, at) => wave(at)));
  await encoder.close();
  return { file, isVoice: false, from: 0, at: 0, length: 2 * soundRate, volume: 1, fadeIn: 0, fadeOut: 0 };
}

const options = (given: Partial<FilmSoundOptions>): FilmSoundOptions => ({
  sounds: [],
  samples: 2 * soundRate,
  duck: 12,
  output: join(folder, 'sound.mp4'),
  scratch: join(folder, 'mix.pcm'),
  codec: 'aac',
  loudness: -16,
  ...given,
});

const tone = (level: number) => (at: number) => level * Math.sin(at * 0.06) * (0.6 + 0.4 * Math.sin(at * 0.0003));
/** A clap every half second: a peak 20 dB above the mean. */
const claps = (at: number): number => (at % 24_000 < 900 ? 0.9 : 0.02) * Math.sin(at * 0.21);

async function samplesOf(file: string): Promise<number> {
  const track = await SoundTrack.open(file);
  const { samples } = track;
  await track.close();
  return samples;
}

describe('the sound of a film', () => {
  test.each(['aac', 'opus'] as const)(
    'in %s is as loud as it shall be, below its peak, and as long to the sample',
    async (codec) => {
      for (const level of [0.01, 0.9]) {
        const sound = await written(`tone-${level}`, tone(level));
        const samples = 2 * soundRate - 137;
        const report = await makeFilmSound(options({ sounds: [sound], codec, samples }));
        expect(Math.abs((report.integrated ?? 0) + 16)).toBeLessThanOrEqual(0.5);
        expect(report.truePeak).toBeLessThanOrEqual(truePeakCeiling);
        expect(await samplesOf(options({}).output)).toBe(samples);
      }
      expect(await readdir(folder)).not.toContain('mix.pcm');
    },
  );

  test('holds peaks down that are far above the mean, and is still as loud', async () => {
    const report = await makeFilmSound(options({ sounds: [await written('claps', claps)], loudness: -14 }));
    expect(report.truePeak).toBeLessThanOrEqual(truePeakCeiling);
    expect(Math.abs((report.integrated ?? 0) + 14)).toBeLessThanOrEqual(1);
  });

  test('is left as loud as it is when nothing is asked', async () => {
    const report = await makeFilmSound(options({ sounds: [await written('soft', tone(0.1))], loudness: null }));
    expect(report.gain).toBe(0);
    expect(report.integrated).toBeLessThan(-20);
  });

  test('of nothing is silence of its length, however short', async () => {
    for (const samples of [1, 999, 2 * soundRate]) {
      const report = await makeFilmSound(options({ samples }));
      expect([report.integrated, report.truePeak, report.gain]).toEqual([null, Number.NEGATIVE_INFINITY, 0]);
      expect(await samplesOf(options({}).output)).toBe(samples);
    }
  });

  test('is the same to the byte when it is made again, and stops when its listener throws', async () => {
    const sounds = [await written('again', tone(0.5))];
    const bytes = await Promise.all(
      [1, 2].map((index) =>
        makeFilmSound(options({ sounds, output: join(folder, `${index}.mp4`), scratch: join(folder, `${index}.pcm`) })),
      ),
    );
    expect(bytes[0]).toEqual(bytes[1]);
    const stop = (): never => {
      throw new Error('stopped');
    };
    await expect(makeFilmSound(options({ sounds, onProgress: stop }))).rejects.toThrow('stopped');
    expect((await readdir(folder)).filter((name) => name.endsWith('.pcm'))).toEqual([]);
  });
});
