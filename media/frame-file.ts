import { open, writeFile, type FileHandle } from 'node:fs/promises';

import { orDiskFull } from '../errors/disk-full.ts';
import { unusableFile } from '../errors/unusable-file.ts';
import { encodeSafetensors, locateTensor, safetensorsStartBytes, type TensorPlace } from '../tensor/safetensors.ts';
import { axesOf } from '../tensor/tensor.ts';
import { readFully } from './read-fully.ts';

/** Name of the tensor in the artifacts of interp, decode and dissolve. */
const tensorName = 'frames';

/** Frames `[count, 3, height, width]`, bytes 0…255, red then green then blue planes. */
export interface RgbFrames {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/**
 * A clip of uncompressed frames on disk (safetensors, `frames` uint8 `[F, 3, H, W]`), read in parts: memory depends on how
 * many frames one asks for and not on the length of the clip.
 */
export class FrameFile {
  readonly file: string;
  readonly numFrames: number;
  readonly width: number;
  readonly height: number;
  readonly #handle: FileHandle;
  readonly #offset: number;

  private constructor(file: string, handle: FileHandle, shape: readonly number[], offset: number) {
    this.file = file;
    this.#handle = handle;
    this.#offset = offset;
    [this.numFrames, , this.height, this.width] = axesOf({ shape }, 4);
  }

  /** Opens a clip and checks its header and length. @throws PipelineError `ARTIFACT_CORRUPT`. */
  static async open(file: string): Promise<FrameFile> {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const start = new Uint8Array(Math.min(size, safetensorsStartBytes));
      await readFully(handle, start, 0, endOf(file));
      const { type, shape, offset, bytes } = placeIn(start, file);
      const whole = type === 'uint8' && shape.length === 4 && shape[1] === 3 && bytes > 0 && offset + bytes <= size;
      if (!whole) {
        throw unusableFile(
          file,
          `it holds ${tensorName} as ${type} [${shape.join(', ')}] in ${String(size)} bytes; it must be whole, uint8 [F, 3, H, W]`,
        );
      }
      return new FrameFile(file, handle, shape, offset);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Reads frames `from … from+count−1` into memory of their own.
   * @throws PipelineError `ARTIFACT_CORRUPT` when the clip has no such frames.
   */
  async read(from: number, count: number): Promise<RgbFrames> {
    if (from < 0 || count < 1 || from + count > this.numFrames) {
      throw unusableFile(
        this.file,
        `it has frames 0…${String(this.numFrames - 1)}; frames ${String(from)}…${String(from + count - 1)} were asked for`,
      );
    }
    const frameBytes = 3 * this.height * this.width;
    const data = new Uint8Array(count * frameBytes);
    await readFully(this.#handle, data, this.#offset + from * frameBytes, endOf(this.file));
    return { count, height: this.height, width: this.width, data };
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Frames that can be read in parts. */
export type ReadableClip = Pick<FrameFile, 'numFrames' | 'width' | 'height' | 'read'>;

/** Frames of a clip in any order, some perhaps twice. @throws PipelineError `ARTIFACT_CORRUPT` when the clip has no such frame. */
export async function pickFrames(clip: ReadableClip, frames: readonly number[]): Promise<RgbFrames> {
  const { height, width } = clip;
  const data = new Uint8Array(frames.length * 3 * height * width);
  for (const [index, frame] of frames.entries()) {
    const { data: picture } = await clip.read(frame, 1);
    data.set(picture, index * picture.length);
  }
  return { count: frames.length, height, width, data };
}

/** Writes a clip that `FrameFile` reads. @throws PipelineError `RESOURCE_DISK`. */
export async function writeFrameFile(file: string, frames: RgbFrames): Promise<void> {
  const { count, height, width, data } = frames;
  const bytes = encodeSafetensors({ [tensorName]: { type: 'uint8', shape: [count, 3, height, width], data } });
  await orDiskFull(file, () => writeFile(file, bytes));
}

function placeIn(start: Uint8Array, file: string): TensorPlace {
  try {
    return locateTensor(start, tensorName);
  } catch (cause) {
    throw unusableFile(file, cause);
  }
}

const endOf = (file: string) => (byte: number) => unusableFile(file, `it ends at byte ${byte}, inside its frames`);
