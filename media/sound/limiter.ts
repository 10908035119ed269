import { soundRate } from './sound-rate.ts';

/** Samples that the limiter looks ahead: five milliseconds, in which the gain comes down without a click. */
const ahead = soundRate / 200;

/** How much of the way back to full gain is gone with each sample: two thirds of it in a tenth of a second. */
const back = 1 / (soundRate / 10);

/** Points between two samples at which the wave is looked at, and samples on each side that they are made of: as ITU-R BS.1770, annex 2. */
const phases = 4;
const reach = 8;

/** Windowed sinc by phase: the value between two samples, of the `2 × reach` around it. */
const kernels = Array.from({ length: phases - 1 }, (_, index) => {
  const offset = (index + 1) / phases;
  const weights = Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - (reach - 1) - offset;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach);
    return (window * Math.sin(Math.PI * distance)) / (Math.PI * distance);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(weights, (weight) => weight / sum);
});

/** Between two samples a wave is at most so much higher than the samples that it is looked at where it could matter. */
const mostBetween = 2;

/**
 * Keeps the wave itself below a ceiling, also between samples, in stereo that comes piece by piece. A gain that follows from what is
 * coming, the same for both channels; where nothing is too loud it is 1. What comes out is as long as what went in.
 */
export class Limiter {
  readonly #ceiling: number;
  /**
   * Samples that came in and did not go out, with `reach` before them for the wave between samples. It begins with silence, in which the
   * gain comes down when the sound begins with a peak.
   */
  #held: Float32Array = new Float32Array(2 * (reach + ahead));
  /** Samples of that silence that are yet to be left out. */
  #silence = ahead;
  /** Gains of the last `ahead` samples that went out, before their mean was taken. */
  #recent = new Float64Array(ahead).fill(1);
  #lastGain = 1;

  /** @param ceiling Highest value that the wave may reach, above 0. */
  constructor(ceiling: number) {
    this.#ceiling = ceiling;
  }

  /** Takes samples in, interleaved, and gives out what is decided. */
  write(samples: Float32Array): Float32Array {
    const joined = new Float32Array(this.#held.length + samples.length);
    joined.set(this.#held);
    joined.set(samples, this.#held.length);
    return this.#give(joined, joined.length / 2 - ahead - 2 * reach);
  }

  /** Gives out the rest. */
  close(): Float32Array {
    const rest = this.#held.length / 2 - reach;
    const padded = new Float32Array(this.#held.length + 2 * (ahead + reach));
    padded.set(this.#held);
    return this.#give(padded, rest);
  }

  /** Decides about the first `count` samples behind the margin. */
  #give(joined: Float32Array, count: number): Float32Array {
    if (count <= 0) {
      this.#held = joined;
      return new Float32Array(0);
    }
    // The least gain of what comes within `ahead`, then its mean over the same time: it is down when the peak comes.
    const lowest = slidingMinimum(this.#neededGains(joined, count + ahead), ahead + 1, count);
    const gains = new Float64Array(ahead + count);
    gains.set(this.#recent);
    for (let at = 0; at < count; at++) {
      // Down at once, up slowly.
      this.#lastGain = Math.min(lowest[at]!, this.#lastGain + (1 - this.#lastGain) * back);
      gains[ahead + at] = this.#lastGain;
    }
    const out = new Float32Array(2 * count);
    let sum = 0;
    for (let at = 0; at < ahead; at++) sum += gains[at]!;
    for (let at = 0; at < count; at++) {
      sum += gains[ahead + at]! - gains[at]!;
      const gain = sum / ahead;
      out[2 * at] = joined[2 * (reach + at)]! * gain;
      out[2 * at + 1] = joined[2 * (reach + at) + 1]! * gain;
    }
    this.#recent = gains.slice(count);
    this.#held = joined.slice(2 * count);
    const left = Math.min(this.#silence, count);
    this.#silence -= left;
    return out.subarray(2 * left);
  }

  /** Gain that each of the first `count` samples behind the margin asks for, with the wave up to the next one. */
  #neededGains(joined: Float32Array, count: number): Float64Array {
    const gains = new Float64Array(count).fill(1);
    const quiet = this.#ceiling / mostBetween;
    for (let at = 0; at < count; at++) {
      const sample = reach + at;
      const level = Math.max(Math.abs(joined[2 * sample] ?? 0), Math.abs(joined[2 * sample + 1] ?? 0));
      const next = Math.max(Math.abs(joined[2 * sample + 2] ?? 0), Math.abs(joined[2 * sample + 3] ?? 0));
      if (level < quiet && next < quiet) continue;
      const peak = Math.max(level, highestBetween(joined, sample));
      if (peak <= this.#ceiling) continue;
      const gain = this.#ceiling / peak;
      gains[at] = Math.min(gains[at]!, gain);
      if (at + 1 < count) gains[at + 1] = gain;
    }
    return gains;
  }
}

/** The highest value of the wave between a sample and the next one, of both channels. */
function highestBetween(joined: Float32Array, sample: number): number {
  let highest = 0;
  for (const kernel of kernels) {
    for (let channel = 0; channel < 2; channel++) {
      let value = 0;
      for (let tap = 0; tap < kernel.length; tap++) {
        value += kernel[tap]! * (joined[2 * (sample - (reach - 1) + tap) + channel] ?? 0);
      }
      highest = Math.max(highest, Math.abs(value));
    }
  }
  return highest;
}

/** For each of the first `count` values the least of it and the next ones, `width` together. */
function slidingMinimum(values: Float64Array, width: number, count: number): Float64Array {
  const least = new Float64Array(count);
  // Indices of values that rise; the first is that of the least.
  const rising: number[] = [];
  let head = 0;
  for (let at = 0; at < values.length; at++) {
    while (rising.length > head && values[rising.at(-1)!]! >= values[at]!) rising.pop();
    rising.push(at);
    const first = at - width + 1;
    if (first < 0) continue;
    while (rising[head]! < first) head += 1;
    if (first < count) least[first] = values[rising[head]!]!;
  }
  return least;
}
