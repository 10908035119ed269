import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { mediaFailed } from '../ffmpeg.ts';
import { readFully } from '../read-fully.ts';
import { LoudnessMeter } from './loudness-meter.ts';
import type { Loudness } from './loudness-meter.ts';
import { Limiter } from './limiter.ts';
import { mixedPieces } from './mixer.ts';
import type { MixOptions } from './mixer.ts';
import { SoundEncoder } from './sound-encoder.ts';
import type { SoundCodec } from './sound-encoder.ts';
import { soundRate } from './sound-rate.ts';
import { SoundSource } from './sound-source.ts';

/** What the sound of a film is to be. */
export interface FilmSoundOptions extends MixOptions {
  /** File to write. */
  readonly output: string;
  /** File for the mix before it is coded, eight bytes for each sample; it is removed. */
  readonly scratch: string;
  readonly codec: Exclude<SoundCodec, 'flac'>;
  /** LUFS; `null` leaves it as it is. */
  readonly loudness: number | null;
  /** Hears how many samples are done, of two passes and more; throw in it to stop. */
  readonly onProgress?: (done: number) => void;
}

/** What came of it, measured in the coded file. */
export interface FilmSoundReport extends Loudness {
  /** Decibels that the whole mix was changed by. */
  readonly gain: number;
  readonly bytes: number;
}

/** The highest true peak, dBTP: EBU R 128 asks for -1, sites for -1 to -2. */
export const truePeakCeiling = -1.5;

/** Decibels that a lossy codec may add to a peak. What it adds beyond is found out and taken off. */
const codecMargin = 0.5;

/** A mix is made louder by at most so much: what is quieter than that is noise. */
const mostGain = 30;

/** How near the loudness has to come, LU. */
const tolerance = 0.2;

/** How often a mix is coded or its level tried before it is good enough. */
const tries = 3;

/**
 * Makes the sound of a film: mixes it, measures the mix, brings it to its loudness with peaks below {@link truePeakCeiling}, and codes
 * it. What was coded is measured again; peaks that the codec added are taken off and it is coded once more.
 * @throws PipelineError `MEDIA_FAILED` with the file of a sound that cannot be read; `RESOURCE_DISK`.
 */
export async function makeFilmSound(options: FilmSoundOptions): Promise<FilmSoundReport> {
  const scratch = await open(options.scratch, 'w+');
  try {
    const mix = await writeMix(scratch, options);
    let level = levelFor(mix, options.loudness);
    for (let tried = 1; ; tried++) {
      level = await settled(scratch, level, options);
      const { bytes } = await encode(scratch, level, options);
      const coded = await measureFile(options);
      const excess = coded.truePeak - truePeakCeiling;
      if (excess <= 0 || tried === tries) return { ...coded, gain: level.gain, bytes };
      level = { ...level, ceiling: level.ceiling - excess - 0.1, isLimited: true };
    }
  } finally {
    await scratch.close();
    await rm(options.scratch, { force: true });
  }
}

/** What is done to a mix. */
interface Level {
  /** Decibels. */
  readonly gain: number;
  /** dBTP */
  readonly ceiling: number;
  readonly isLimited: boolean;
}

function levelFor({ integrated, truePeak }: Loudness, loudness: number | null): Level {
  const gain = loudness === null || integrated === null ? 0 : Math.min(mostGain, loudness - integrated);
  const ceiling = truePeakCeiling - codecMargin;
  return { gain, ceiling, isLimited: truePeak + gain > ceiling };
}

/** The level at which a mix that is limited is as loud as it shall be: what the limiter takes is given back. */
async function settled(scratch: FileHandle, level: Level, options: FilmSoundOptions): Promise<Level> {
  const { loudness } = options;
  if (!level.isLimited || loudness === null) return level;
  let { gain } = level;
  for (let tried = 1; tried <= tries; tried++) {
    const meter = await LoudnessMeter.open();
    try {
      for await (const piece of levelled(scratch, { ...level, gain }, options)) await meter.write(piece);
      const { integrated } = await meter.close();
      const missing = integrated === null ? 0 : loudness - integrated;
      if (Math.abs(missing) <= tolerance) break;
      gain = Math.min(mostGain, gain + missing);
    } finally {
      meter.abort();
    }
  }
  return { ...level, gain };
}

/** Mixes into a file of floating point samples, and measures. */
async function writeMix(scratch: FileHandle, options: FilmSoundOptions): Promise<Loudness> {
  const meter = await LoudnessMeter.open();
  try {
    let done = 0;
    for await (const piece of mixedPieces(options)) {
      await meter.write(piece);
      await scratch.appendFile(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
      done += piece.length / 2;
      options.onProgress?.(done);
    }
    return await meter.close();
  } finally {
    meter.abort();
  }
}

/** The mix at its level, read from its file. */
async function* levelled(
  scratch: FileHandle,
  { gain, ceiling, isLimited }: Level,
  { samples }: FilmSoundOptions,
): AsyncGenerator<Float32Array> {
  const factor = 10 ** (gain / 20);
  const limiter = isLimited ? new Limiter(10 ** (ceiling / 20)) : null;
  const pieceBytes = 8 * soundRate;
  for (let from = 0; from < 8 * samples; from += pieceBytes) {
    const bytes = new Uint8Array(Math.min(pieceBytes, 8 * samples - from));
    await readFully(scratch, bytes, from, (byte) =>
      mediaFailed(`the mix ends at byte ${byte} of ${8 * samples}; it is made again by the next attempt`, {}),
    );
    const piece = new Float32Array(bytes.buffer);
    for (let at = 0; at < piece.length; at++) piece[at] = piece[at]! * factor;
    yield limiter === null ? piece : limiter.write(piece);
  }
  if (limiter !== null) yield limiter.close();
}

async function encode(
  scratch: FileHandle,
  level: Level,
  options: FilmSoundOptions,
): Promise<{ readonly bytes: number }> {
  const encoder = await SoundEncoder.open({ file: options.output, codec: options.codec, channels: 2 });
  try {
    let done = 0;
    for await (const piece of levelled(scratch, level, options)) {
      await encoder.write(piece);
      done += piece.length / 2;
      options.onProgress?.(options.samples + done);
    }
    return await encoder.close();
  } finally {
    await encoder.abort();
  }
}

async function measureFile({ output, samples }: FilmSoundOptions): Promise<Loudness> {
  const source = new SoundSource(output, { from: 0 });
  const meter = await LoudnessMeter.open();
  try {
    for (let from = 0; from < samples; from += soundRate)
      await meter.write(await source.read(Math.min(soundRate, samples - from)));
    return await meter.close();
  } finally {
    meter.abort();
    await source.close();
  }
}
