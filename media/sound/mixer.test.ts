import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mixedPieces } from './mixer.ts';
import type { MixedSound, MixOptions } from './mixer.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { soundRate } from './sound-rate.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mixer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(
  name: string,
  samples: number,
  wave: (at: number) => number,
  channels: 1 | 2 = 1,
): Promise<string> {
  const file = join(folder, `${name}.flac`);
  const encoder = await SoundEncoder.open({ file, codec: 'flac', channels });
  const made = new Float32Array(samples * channels);
  for (let at = 0; at < samples; at++) for (let of = 0; of < channels; of++) made[at * channels + of] = wave(at);
  await encoder.write(made);
  await encoder.close();
  return file;
}

const sound = (file: string, given: Partial<MixedSound>): MixedSound => ({
  file,
  isVoice: false,
  from: 0,
  at: 0,
  length: 10 * soundRate,
  volume: 1,
  fadeIn: 0,
  fadeOut: 0,
  ...given,
});

/** The left channel of a mix. */
async function left(options: MixOptions): Promise<Float32Array> {
  const made: number[] = [];
  for await (const piece of mixedPieces(options)) for (let at = 0; at < piece.length; at += 2) made.push(piece[at]!);
  return Float32Array.from(made);
}

/** FLAC has 24 bits. */
const digits = 6;

describe('a mix', () => {
  test('has as many samples as it is asked for, and silence where nothing is heard', async () => {
    for (const samples of [1, 4799, 4801, 96_017]) {
      const mix = await left({ sounds: [], samples, duck: 12 });
      expect([mix.length, mix.every((sample) => sample === 0)]).toEqual([samples, true]);
    }
  });

  test('has each sound at its sample, from its place in the file, at its volume', async () => {
    const ramp = await written('ramp', 1000, (at) => at / 2000);
    const mix = await left({
      sounds: [sound(ramp, { from: 100, at: 4567, length: 5000, volume: 0.5 })],
      samples: 9600,
      duck: 12,
    });
    expect([mix[4566], mix[4567 + 900]]).toEqual([0, 0]);
    for (const at of [0, 1, 500, 899]) expect(mix[4567 + at]).toBeCloseTo((0.5 * (100 + at)) / 2000, digits);
  });

  test('cuts a sound off at its length', async () => {
    const flat = await written('flat', 20_000, () => 0.5);
    const mix = await left({ sounds: [sound(flat, { at: 10, length: 7000 })], samples: 9600, duck: 12 });
    expect([mix[9], mix[7009], mix[7010]].map((sample) => Math.round(sample! * 1e4))).toEqual([0, 5000, 0]);
  });

  test('repeats a loop to the sample, from where it begins', async () => {
    const count = await written('count', 1000, (at) => at / 1000);
    const mix = await left({ sounds: [sound(count, { from: 200, loop: true })], samples: 5000, duck: 12 });
    for (const at of [0, 799, 800, 801, 1599, 1600, 4999]) {
      expect(mix[at]).toBeCloseTo((200 + (at % 800)) / 1000, digits);
    }
  });

  test('adds what is heard together', async () => {
    const one = await written('one', 9600, () => 0.25);
    const two = await written('two', 9600, () => 0.125, 2);
    const mix = await left({ sounds: [sound(one, {}), sound(two, { at: 4800 })], samples: 9600, duck: 12 });
    expect([mix[4799], mix[4800]].map((sample) => Math.round(sample! * 1e5))).toEqual([25_000, 37_500]);
  });

  test('lowers other sounds by 12 dB under a voice and not the voice, and brings them back', async () => {
    const music = await written('music', 5 * soundRate, () => 0.5);
    const voice = await written('voice', soundRate, (at) => (at % 2 === 0 ? 0.25 : -0.25));
    const sounds = [sound(music, {}), sound(voice, { isVoice: true, at: 2 * soundRate })];
    const mix = await left({ sounds, samples: 5 * soundRate, duck: 12 });
    const middle = 2.5 * soundRate;
    const low = 0.5 * 10 ** (-12 / 20);
    expect(mix[middle]).toBeCloseTo(low + 0.25, 4);
    expect(mix[middle + 1]).toBeCloseTo(low - 0.25, 4);
    expect([mix[soundRate], mix[4.5 * soundRate]].map((sample) => Math.round(sample! * 1e4))).toEqual([5000, 5000]);
    const untouched = await left({ sounds, samples: 5 * soundRate, duck: 0 });
    expect(untouched[middle]).toBeCloseTo(0.75, 4);
  });

  test('names the file of a sound that it cannot read', async () => {
    const file = join(folder, 'none.flac');
    await expect(left({ sounds: [sound(file, {})], samples: 100, duck: 12 })).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
      details: { file },
    });
  });
});
