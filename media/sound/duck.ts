import { soundRate } from './sound-rate.ts';

/** Samples of a block in which a voice is heard or not: ten milliseconds. */
export const duckBlock = soundRate / 100;

/** A voice is heard from -50 dBFS on, on the mean of a block: above the hiss of a room, below a whisper. */
const heardFrom = 10 ** (-50 / 20);

/** Blocks of a pause that other sounds do not come back in: a second. A speaker takes breath in less. */
const pause = 100;

/** Blocks that other sounds take to go down before a voice, and to come back after it. */
const attack = 30;
const release = 70;

/** Whether a voice is heard in a block of stereo. */
export function isHeard(samples: Float32Array): boolean {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return samples.length > 0 && Math.sqrt(power / samples.length) >= heardFrom;
}

/**
 * How far other sounds go down for a voice, block by block, as factors: all the way while it is heard and in its pauses, on a smooth way
 * there before its first word and back after its last.
 *
 * @param heard Whether the voice is heard, one for each block: 0 or 1.
 * @param decibels How far all the way is.
 */
export function duckCurve(heard: Uint8Array, decibels: number): Float32Array {
  const closed = withoutPauses(heard);
  const ahead = blocksSince(closed.toReversed()).toReversed();
  const behind = blocksSince(closed);
  return Float32Array.from(closed, (_, block) => {
    const depth = Math.max(0, 1 - ahead[block]! / attack, 1 - behind[block]! / release);
    return 10 ** ((-decibels * smooth(depth)) / 20);
  });
}

/** Blocks since a voice was heard; `Infinity` before the first. */
function blocksSince(heard: Uint8Array): Float64Array {
  let since = Number.POSITIVE_INFINITY;
  return Float64Array.from(heard, (is) => (since = is === 1 ? 0 : since + 1));
}

function withoutPauses(heard: Uint8Array): Uint8Array {
  const closed = Uint8Array.from(heard);
  let last = -1;
  heard.forEach((is, block) => {
    if (is !== 1) return;
    if (last >= 0 && block - last <= pause) closed.fill(1, last, block);
    last = block;
  });
  return closed;
}

/** No corner at either end. */
function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}
