import { mediaFailed } from '../ffmpeg.ts';
import type { ReadableClip, RgbFrames } from '../frame-file.ts';
import { planesOf } from '../rendition.ts';
import { decodeAll } from '../read-frames.ts';
import { defaultEncoderSettings, openSegmentEncoder } from '../segment-encoder.ts';
import type { EncoderSettings, SegmentEncoder, Yuv420Frame } from '../segment-encoder.ts';
import { VideoFile } from '../video-file.ts';
import { yuvToFrame } from '../yuv-to-frame.ts';
import type { PictureSize } from '../frame-part.ts';

/**
 * Footage in parts: files of some frames each, one closed GOP of H.264. Whoever needs a second of an hour fetches the part that has
 * it. Parts count frames; how fast they are shown is not theirs to know.
 */

/** As good as the eye can tell, for a film is coded from them once more. Decides the bytes of parts. */
const partSettings: EncoderSettings = { ...defaultEncoderSettings, crf: 9 };

/** Any rate: nobody reads it. */
const partRate = 24;

/** Writes parts of equal length, but for the last. */
export class PartWriter {
  readonly #size: PictureSize;
  readonly #frames: number;
  readonly #fileOf: (part: number) => string;
  #encoder: SegmentEncoder | null = null;
  #count = 0;

  /**
   * @param size Even sides.
   * @param frames Of a part.
   * @param fileOf File of each part, which is replaced.
   */
  constructor(size: PictureSize, frames: number, fileOf: (part: number) => string) {
    this.#size = size;
    this.#frames = frames;
    this.#fileOf = fileOf;
  }

  /** Writes a frame. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  async write(frame: Yuv420Frame): Promise<void> {
    this.#encoder ??= await openSegmentEncoder({
      file: this.#fileOf(Math.floor(this.#count / this.#frames)),
      ...this.#size,
      fps: partRate,
      settings: partSettings,
    });
    await this.#encoder.write(frame);
    this.#count += 1;
    if (this.#count % this.#frames === 0) await this.#end();
  }

  /** Ends the last part. @returns the frames of all parts. */
  async close(): Promise<number> {
    await this.#end();
    return this.#count;
  }

  /** Frees everything. Harmless after `close`. */
  async abort(): Promise<void> {
    await this.#encoder?.abort();
    this.#encoder = null;
  }

  async #end(): Promise<void> {
    await this.#encoder?.close();
    await this.abort();
  }
}

/** Which parts of a clip are at hand. */
export interface PartsAtHand {
  /** Frame of the clip that the first of them begins with. */
  readonly first: number;
  /** Frames of each part but the clip's last. */
  readonly length: number;
  /** Frames of the whole clip. */
  readonly frames: number;
}

/**
 * Some parts of a clip, read as the clip: frames count from its beginning. Frames in order are decoded once; a step back begins its part
 * again. One frame is held.
 */
export class FootageClip implements ReadableClip {
  readonly numFrames: number;
  readonly width: number;
  readonly height: number;
  readonly #files: readonly string[];
  readonly #parts: PartsAtHand;
  #open: OpenPart | null = null;

  private constructor(files: readonly string[], parts: PartsAtHand, size: PictureSize) {
    this.numFrames = parts.frames;
    this.width = size.width;
    this.height = size.height;
    this.#files = files;
    this.#parts = parts;
  }

  /** @throws PipelineError `MEDIA_FAILED`, with the file of a part that cannot be read. */
  static async open(files: readonly string[], parts: PartsAtHand): Promise<FootageClip> {
    const [first] = files;
    if (first === undefined) throw mediaFailed('A clip came without its parts', {});
    const video = await VideoFile.open(first);
    const { width, height } = video.stream.codecpar;
    await video.close();
    return new FootageClip(files, parts, { width, height });
  }

  /** Frames `from … from+count−1` of the clip. @throws PipelineError `MEDIA_FAILED` when the parts do not have them. */
  async read(from: number, count: number): Promise<RgbFrames> {
    const { width, height } = this;
    const data = new Uint8Array(count * 3 * width * height);
    for (let index = 0; index < count; index += 1) {
      const planes = await this.#pictureOf(from + index);
      yuvToFrame(planes, width, height, data.subarray(index * 3 * width * height, (index + 1) * 3 * width * height));
    }
    return { count, width, height, data };
  }

  /** Frees the readers. */
  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = null;
  }

  async #pictureOf(frame: number): Promise<Yuv420Frame> {
    const { first, length, frames } = this.#parts;
    const part = Math.floor((frame - first) / length);
    const file = this.#files[part];
    if (file === undefined || frame < 0 || frame >= frames) {
      throw mediaFailed(`Frame ${frame} lies in none of the ${this.#files.length} parts that are at hand`, { frame });
    }
    const index = (frame - first) % length;
    if (this.#open?.file !== file || this.#open.index > index) {
      await this.close();
      this.#open = await OpenPart.open(file, this);
    }
    return this.#open.to(index);
  }
}

/** A part whose frames are decoded one after the other. */
class OpenPart {
  readonly file: string;
  readonly #video: VideoFile;
  readonly #frames: AsyncGenerator<Yuv420Frame>;
  #index = -1;
  #planes: Yuv420Frame | null = null;

  private constructor(video: VideoFile) {
    this.file = video.file;
    this.#video = video;
    this.#frames = decodeAll(video, (frame) => Promise.resolve(planesOf(frame)));
  }

  static async open(file: string, size: PictureSize): Promise<OpenPart> {
    const video = await VideoFile.open(file);
    const { width, height } = video.stream.codecpar;
    if (width === size.width && height === size.height) return new OpenPart(video);
    await video.close();
    throw mediaFailed(`${file} is ${width}x${height} and the part before it ${size.width}x${size.height}`, { file });
  }

  /** Frame that was read last. */
  get index(): number {
    return this.#index;
  }

  /** Reads on to a frame, which is not before the last one. */
  async to(index: number): Promise<Yuv420Frame> {
    while (this.#index < index || this.#planes === null) {
      const { value, done } = (await this.#frames.next()) as IteratorResult<Yuv420Frame, undefined>;
      if (done === true) {
        throw mediaFailed(`${this.file} ends at frame ${this.#index}; frame ${index} was asked for`, {
          file: this.file,
        });
      }
      this.#index += 1;
      this.#planes = value;
    }
    return this.#planes;
  }

  async close(): Promise<void> {
    await this.#frames.return(undefined);
    await this.#video.close();
  }
}
