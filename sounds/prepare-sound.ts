import { rm, writeFile } from 'node:fs/promises';
import { PipelineError } from '../errors/pipeline-error.ts';
import { SoundEncoder } from '../media/sound/sound-encoder.ts';
import { mostChannels, SoundReader } from '../media/sound/sound-reader.ts';
import { soundRate } from '../media/sound/sound-rate.ts';
import { digestOfFile } from '../storage/file-hash.ts';
import { scriptLimits } from '../story/script/script-limits.ts';
import { missingBytes } from './riff.ts';

/** A sound as workers read it. */
export interface PreparedSound {
  /** Sha256 of the file. */
  readonly key: string;
  /** Samples at 48 kHz. */
  readonly samples: number;
}

/** MP3 files of the web begin or end with scraps of other frames. */
const scraps = 2;

/** Seconds that a header may be wrong by: encoders count what they put in front of the first sample, too. */
const tolerance = 0.2;

/** A `SCRIPT_INVALID` error that says what is wrong with a sound; whoever knows the script adds the path. */
export function soundFault(message: string): PipelineError {
  return new PipelineError('SCRIPT_INVALID', message);
}

/**
 * Decodes the bytes of a sound file to the end and writes it to `file` as FLAC of 24 bits at 48 kHz: mono stays mono, more than two
 * channels become two.
 * @param file Path to write, in a folder of the caller's.
 * @throws PipelineError `SCRIPT_INVALID` when it is no sound, has none in it, is too long, or damaged.
 */
export async function prepareSound(bytes: Uint8Array, file: string): Promise<PreparedSound> {
  const source = `${file}.source`;
  if (bytes.length === 0) throw soundFault('is an empty file; save it again');
  const missing = missingBytes(bytes);
  if (missing > 0) throw soundFault(`lacks ${missing} bytes at its end, by its own header; copy it again whole`);
  await writeFile(source, bytes);
  try {
    return await prepareSoundFile(source, file);
  } finally {
    await rm(source, { force: true });
  }
}

/** The same for the sound track of a file, which may be a video. @throws PipelineError as {@link prepareSound}. */
export async function prepareSoundFile(source: string, file: string): Promise<PreparedSound> {
  const samples = await transcode(source, file);
  const { sha256 } = await digestOfFile(file);
  return { key: sha256, samples };
}

async function transcode(source: string, file: string): Promise<number> {
  const reader = await opened(source);
  try {
    const { channels } = reader.header;
    if (channels > mostChannels) {
      throw soundFault(`has ${channels} channels; a sound has at most ${mostChannels}; save it as stereo`);
    }
    const encoder = await SoundEncoder.open({ file, codec: 'flac', channels: reader.channels });
    try {
      let samples = 0;
      for await (const chunk of decoded(reader)) {
        samples += chunk.length / reader.channels;
        if (samples > scriptLimits.maxSoundSeconds * soundRate) {
          throw soundFault(`is longer than ${scriptLimits.maxSoundSeconds} seconds; cut out what the film needs`);
        }
        await encoder.write(chunk);
      }
      const said = secondsSaid(reader);
      if (samples > 0 && said !== null && samples / soundRate < said - tolerance) {
        const found = `lasts ${said.toFixed(1)} seconds by its header and has ${(samples / soundRate).toFixed(1)} seconds of sound`;
        throw soundFault(`${found}; it is damaged: copy it again whole, or save it anew`);
      }
      if (samples === 0) throw soundFault('has a header and no sound behind it; save it again');
      await encoder.close();
      return samples;
    } finally {
      await encoder.abort();
    }
  } finally {
    await reader.close();
  }
}

/** What the header says of the length; `null` of formats that only guess it. */
function secondsSaid({ header }: SoundReader): number | null {
  return header.format === 'mp3' || header.format === 'aac' ? null : header.seconds;
}

async function opened(source: string): Promise<SoundReader> {
  try {
    return await SoundReader.open(source, { scraps });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'MEDIA_FAILED') throw error;
    throw soundFault(
      'is no sound that Shotline can read, or its header makes no sense; save it as WAV, FLAC, MP3, M4A or Ogg',
    );
  }
}

/** The chunks of a sound, with damage as a fault of the script. */
async function* decoded(reader: SoundReader): AsyncGenerator<Float32Array> {
  let heard = 0;
  try {
    for await (const chunk of reader.chunks()) {
      heard += chunk.length / reader.channels;
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'MEDIA_FAILED') throw error;
    throw soundFault(
      `is damaged after ${(heard / soundRate).toFixed(1)} seconds; copy it again whole, or save it anew`,
    );
  }
}
