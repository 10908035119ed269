import { duckBlock, duckCurve, isHeard } from './duck.ts';
import { envelopeAt } from './envelope.ts';
import type { Heard } from './envelope.ts';
import { SoundSource } from './sound-source.ts';
import type { SourceOptions } from './sound-source.ts';

/** A sound in a mix; places and lengths are samples. */
export interface MixedSound extends Heard, SourceOptions {
  readonly file: string;
  /** Other sounds go down while a voice is heard. */
  readonly isVoice: boolean;
  /** Where in the mix its first sample is. */
  readonly at: number;
  /** Factor. */
  readonly volume: number;
}

/** A mix. */
export interface MixOptions {
  readonly sounds: readonly MixedSound[];
  /** Samples of the whole. */
  readonly samples: number;
  /** Decibels that other sounds go down by under a voice. */
  readonly duck: number;
}

/** Samples of a piece of the mix: a tenth of a second, a whole number of blocks that a voice is heard in. */
const pieceSamples = 10 * duckBlock;

/**
 * Mixes sounds, piece by piece: stereo, interleaved. Every piece but the last has a tenth of a second. Files are open only while they
 * are heard.
 * @throws PipelineError `MEDIA_FAILED` with the file of a sound that cannot be read.
 */
export async function* mixedPieces(mix: MixOptions): AsyncGenerator<Float32Array> {
  const { sounds, samples } = mix;
  const curve = duckCurve(await heardBlocks(mix), mix.duck);
  const open = new Map<MixedSound, SoundSource>();
  try {
    for (let from = 0; from < samples; from += pieceSamples) {
      const count = Math.min(pieceSamples, samples - from);
      const others = new Float32Array(2 * count);
      const voices = new Float32Array(2 * count);
      for (const sound of sounds) {
        const piece = overlapOf(sound, from, count);
        if (piece === null) continue;
        const source = open.get(sound) ?? new SoundSource(sound.file, sound);
        open.set(sound, source);
        add(sound.isVoice ? voices : others, await source.read(piece.count), sound, piece);
        if (piece.isLast) {
          await source.close();
          open.delete(sound);
        }
      }
      yield together(voices, others, (at) => curveAt(curve, (from + at) / duckBlock));
    }
  } finally {
    for (const source of open.values()) await source.close();
  }
}

/** In which blocks of the mix a voice is heard: 0 or 1 for each. Voices are read for it alone. */
async function heardBlocks({ sounds, samples, duck }: MixOptions): Promise<Uint8Array> {
  const heard = new Uint8Array(Math.ceil(samples / duckBlock));
  const isAlone = duck === 0 || sounds.every(({ isVoice }) => isVoice);
  for (const sound of isAlone ? [] : sounds.filter(({ isVoice }) => isVoice)) {
    const source = new SoundSource(sound.file, sound);
    try {
      // Blocks of the mix, which a voice may begin in the middle of.
      for (let block = Math.floor(sound.at / duckBlock); block < heard.length; block++) {
        const piece = overlapOf(sound, block * duckBlock, duckBlock);
        if (piece === null) break;
        const samplesOf = (await source.read(piece.count)).map((sample) => sample * sound.volume);
        if (isHeard(samplesOf)) heard[block] = 1;
      }
    } finally {
      await source.close();
    }
  }
  return heard;
}

/** Part of a piece in which a sound may be heard. */
interface Overlap {
  /** Sample of the piece at which it begins. */
  readonly at: number;
  readonly count: number;
  /** Sample of the sound that is there. */
  readonly first: number;
  readonly isLast: boolean;
}

function overlapOf({ at, length }: MixedSound, from: number, count: number): Overlap | null {
  const begin = Math.max(at, from);
  const end = Math.min(at + length, from + count);
  if (begin >= end) return null;
  return { at: begin - from, count: end - begin, first: begin - at, isLast: end === at + length };
}

function add(target: Float32Array, source: Float32Array, sound: MixedSound, { at, count, first }: Overlap): void {
  for (let index = 0; index < count; index++) {
    const gain = sound.volume * envelopeAt(first + index, sound);
    target[2 * (at + index)] = target[2 * (at + index)]! + source[2 * index]! * gain;
    target[2 * (at + index) + 1] = target[2 * (at + index) + 1]! + source[2 * index + 1]! * gain;
  }
}

function together(voices: Float32Array, others: Float32Array, gainAt: (sample: number) => number): Float32Array {
  for (let at = 0; at < voices.length / 2; at++) {
    const gain = gainAt(at);
    voices[2 * at] = voices[2 * at]! + others[2 * at]! * gain;
    voices[2 * at + 1] = voices[2 * at + 1]! + others[2 * at + 1]! * gain;
  }
  return voices;
}

/** A curve of blocks between their middles. */
function curveAt(curve: Float32Array, place: number): number {
  const left = Math.max(0, Math.min(curve.length - 1, Math.floor(place - 0.5)));
  const right = Math.min(curve.length - 1, left + 1);
  const share = Math.max(0, Math.min(1, place - 0.5 - left));
  return curve[left]! * (1 - share) + curve[right]! * share;
}
