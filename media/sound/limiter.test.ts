import { describe, expect, test } from '@jest/globals';
import { LoudnessMeter } from './loudness-meter.ts';
import { Limiter } from './limiter.ts';
import { soundRate } from './sound-rate.ts';

const stereo = (samples: number, wave: (at: number) => number): Float32Array => {
  const made = new Float32Array(2 * samples);
  for (let at = 0; at < samples; at++) {
    made[2 * at] = wave(at);
    made[2 * at + 1] = 0.5 * wave(at);
  }
  return made;
};
const limited = (samples: Float32Array, ceiling: number, piece: number): Float32Array => {
  const limiter = new Limiter(ceiling);
  const parts: Float32Array[] = [];
  for (let from = 0; from < samples.length; from += 2 * piece) {
    parts.push(limiter.write(samples.subarray(from, from + 2 * piece)));
  }
  parts.push(limiter.close());
  return Float32Array.from(parts.flatMap((part) => [...part]));
};
const truePeakOf = async (samples: Float32Array): Promise<number> => {
  const meter = await LoudnessMeter.open();
  await meter.write(samples);
  return (await meter.close()).truePeak;
};
/** Comes within a millisecond: what begins with a jump rings in every oversampler, in each in its own way. */
const softly = (at: number): number => Math.min(1, at / 48);
/** Bursts that are far too loud, in a tone that is not. */
const bursts = stereo(soundRate, (at) => {
  const burst = Math.max(0, 1 - Math.abs((at % 9600) - 1500) / 800);
  return 0.3 * Math.sin(at * 0.05) + 1.6 * burst * Math.sin(at * 1.9);
});

describe('a limiter', () => {
  test('gives back to the bit what is quiet enough, whatever the pieces', () => {
    const quiet = stereo(20_000, (at) => 0.7 * Math.sin(at * 0.03));
    for (const piece of [480, 4801, 20_000]) expect(limited(quiet, 0.8, piece)).toEqual(quiet);
  });

  test('keeps the wave below its ceiling, between samples too, by the measure of another program', async () => {
    for (const decibels of [-1.5, -6]) {
      const peak = await truePeakOf(limited(bursts, 10 ** (decibels / 20), 4800));
      expect(peak).toBeLessThanOrEqual(decibels + 0.2);
      expect(peak).toBeGreaterThan(decibels - 1);
    }
  });

  test('sees a wave that is high between samples alone', async () => {
    // Sampled on its shoulders, at 45 degrees: 3 dB lower than the wave is.
    const between = stereo(soundRate / 2, (at) => softly(at) * 0.9 * Math.sin((Math.PI / 2) * at + Math.PI / 4));
    expect(Math.max(...between)).toBeLessThan(0.65);
    expect(await truePeakOf(limited(between, 0.7, 4800))).toBeLessThanOrEqual(20 * Math.log10(0.7) + 0.1);
  });

  test('makes the same of a sound, in whatever pieces it comes, and as many samples', () => {
    const whole = limited(bursts, 0.5, bursts.length);
    expect(whole).toHaveLength(bursts.length);
    for (const piece of [480, 4801]) {
      const pieces = limited(bursts, 0.5, piece);
      expect(pieces).toHaveLength(bursts.length);
      const worst = pieces.reduce((most, sample, at) => Math.max(most, Math.abs(sample - whole[at]!)), 0);
      expect(worst).toBeLessThan(0.002);
    }
  });

  test('comes back within half a second after a burst', () => {
    const once = stereo(soundRate, (at) => (at < 1000 ? 1.5 : 0.3) * Math.sin(at * 0.05));
    const made = limited(once, 0.5, 4800);
    for (let at = soundRate - 4800; at < soundRate; at++) expect(made[2 * at]).toBeCloseTo(once[2 * at]!, 2);
  });
});
