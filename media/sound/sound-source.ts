import { SoundReader } from './sound-reader.ts';
import type { SoundReading } from './sound-reader.ts';

/** What is heard of a sound file. */
export interface SourceOptions extends SoundReading {
  /** First sample that is heard. */
  readonly from: number;
  /** Begins again from there when the file ends. */
  readonly loop?: true;
}

/** A sound file as stereo that is read bit by bit. It ends in silence that has no end. */
export class SoundSource {
  readonly #file: string;
  readonly #options: SourceOptions;
  #reader: SoundReader | null = null;
  #chunks: AsyncGenerator<Float32Array, void> | null = null;
  #chunk: Float32Array = new Float32Array(0);
  #isAtEnd = false;
  /** Whether anything came since the file was opened: a loop of nothing would never end. */
  #gave = false;

  constructor(file: string, options: SourceOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** The next samples, interleaved. @throws PipelineError `MEDIA_FAILED` with the file. */
  async read(count: number): Promise<Float32Array> {
    const samples = new Float32Array(2 * count);
    for (let filled = 0; filled < samples.length;) {
      if (this.#chunk.length === 0 && !(await this.#next())) break;
      const taken = Math.min(this.#chunk.length, samples.length - filled);
      samples.set(this.#chunk.subarray(0, taken), filled);
      this.#chunk = this.#chunk.subarray(taken);
      filled += taken;
    }
    return samples;
  }

  /** Frees the reader. Harmless twice. */
  async close(): Promise<void> {
    this.#isAtEnd = true;
    await this.#shut();
  }

  async #next(): Promise<boolean> {
    for (;;) {
      if (this.#isAtEnd) return false;
      this.#chunks ??= await this.#open();
      const next = await this.#chunks.next();
      if (next.done !== true) {
        this.#chunk = this.#reader?.channels === 1 ? doubled(next.value) : next.value;
        this.#gave ||= this.#chunk.length > 0;
        if (this.#chunk.length > 0) return true;
        continue;
      }
      await this.#shut();
      this.#isAtEnd = this.#options.loop !== true || !this.#gave;
    }
  }

  /** Opens the file and leaves out what comes before `from`. */
  async #open(): Promise<AsyncGenerator<Float32Array, void>> {
    this.#gave = false;
    const reader = await SoundReader.open(this.#file, this.#options);
    this.#reader = reader;
    return behind(reader.chunks(), this.#options.from * reader.channels);
  }

  async #shut(): Promise<void> {
    await this.#chunks?.return(undefined);
    this.#chunks = null;
    await this.#reader?.close();
    this.#reader = null;
  }
}

/** Chunks without so many values at their beginning. */
async function* behind(chunks: AsyncIterable<Float32Array>, values: number): AsyncGenerator<Float32Array, void> {
  let left = values;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

/** One channel on both sides. */
function doubled(mono: Float32Array): Float32Array {
  const stereo = new Float32Array(2 * mono.length);
  mono.forEach((sample, at) => {
    stereo[2 * at] = sample;
    stereo[2 * at + 1] = sample;
  });
  return stereo;
}
