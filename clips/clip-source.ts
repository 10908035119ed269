import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FootageReader } from '../media/footage/footage-reader.ts';
import type { FootageFrame } from '../media/footage/footage-reader.ts';
import type { FootageHeader } from '../media/footage/footage-header.ts';
import { steadyRateOf } from '../media/footage/steady-rate.ts';
import type { SteadyRate } from '../media/footage/steady-rate.ts';
import { digestOfFile } from '../storage/file-hash.ts';
import { clipFault } from './clip-fault.ts';
import { clipLimits } from './clip-size.ts';

/** A clip as it lies on this machine: a video, or a folder of pictures. */
export interface ClipSource {
  readonly header: FootageHeader;
  readonly pace: SteadyRate;
  /** Frames that it lists. */
  readonly listed: number;
  /** Its frames, in order, decoded. To be called once. */
  readonly frames: () => AsyncGenerator<FootageFrame>;
}

/** A file or folder, and the pictures in a folder. */
export interface ClipPath {
  readonly path: string;
  /** Absent of a file. */
  readonly pictures?: readonly string[];
}

/** What a folder is asked for. Others lie beside them: texts, thumbnails. */
const pictureName = /\.(png|jpe?g)$/i;

/** Looks what lies at a path. @throws PipelineError `SCRIPT_INVALID`. */
export async function clipPathOf(path: string): Promise<ClipPath> {
  const found = await stat(path);
  if (found.isFile()) {
    if (found.size === 0) throw clipFault('is an empty file; save it again');
    return { path };
  }
  if (!found.isDirectory()) throw clipFault('is neither a file nor a folder; name a video or a folder of pictures');
  const names = (await readdir(path)).filter((name) => pictureName.test(name) && !name.startsWith('.'));
  if (names.length < 2) {
    throw clipFault(`is a folder with ${names.length} pictures; it needs two png or jpg files at least`);
  }
  // 2 before 10.
  const pictures = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(path, name));
  return { path, pictures };
}

/** Sha256 of what lies there. */
export async function digestOf({ path, pictures }: ClipPath): Promise<string> {
  if (pictures === undefined) return (await digestOfFile(path)).sha256;
  const hash = createHash('sha256');
  for (const picture of pictures) hash.update((await digestOfFile(picture)).sha256);
  return hash.digest('hex');
}

/**
 * Opens a clip, whose header is looked at and whose packets are counted.
 * @param fps Pictures per second of a folder.
 * @throws PipelineError `MEDIA_FAILED`.
 */
export async function openClipSource({ path, pictures }: ClipPath, fps: number): Promise<ClipSource> {
  if (pictures !== undefined) return openFolder(pictures, fps);
  const scan = await FootageReader.open(path);
  try {
    const { header } = scan;
    const times = header.isEncrypted ? new Float64Array(0) : await scan.times();
    return { header, pace: steadyRateOf(times, header.rate), listed: times.length, frames: () => framesOf(path) };
  } finally {
    await scan.close();
  }
}

async function openFolder(pictures: readonly string[], fps: number): Promise<ClipSource> {
  const [first = ''] = pictures;
  const reader = await FootageReader.open(first);
  const { header } = reader;
  await reader.close();
  const rate = { num: Math.round(fps * 1000), den: 1000 };
  return {
    header: { ...header, hasSound: false, seconds: null },
    pace: { rate, varies: false },
    listed: pictures.length,
    frames: async function* () {
      for (const picture of pictures) {
        const each = await FootageReader.open(picture);
        try {
          if (each.header.width !== header.width || each.header.height !== header.height) {
            const sizes = `${each.header.width}x${each.header.height} and the first ${header.width}x${header.height}`;
            throw clipFault(`has pictures of different sizes: ${picture.slice(-80)} is ${sizes}; make them alike`);
          }
          for await (const { frame } of each.frames(clipLimits.pixels)) {
            yield { frame, seconds: null, lasts: 0 };
            break;
          }
        } finally {
          await each.close();
        }
      }
    },
  };
}

async function* framesOf(path: string): AsyncGenerator<FootageFrame> {
  const reader = await FootageReader.open(path);
  try {
    yield* reader.frames(clipLimits.pixels);
  } finally {
    await reader.close();
  }
}
