import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What was measured of one clip. */
export interface MeasuredClip {
  /** Key of the clip's last task: other weights or settings give another. */
  readonly key: string;
  readonly prompt: number;
  readonly method: string;
  /** Of all key frames; VBench's formulas. */
  readonly subject: number;
  readonly background: number;
  readonly flicker: number;
  /** Rings of `frequencyBands`. */
  readonly bands: readonly number[];
  /** What the probe sees in the first 16 frames, and in the last. */
  readonly begin: Readonly<Record<string, string>>;
  readonly end: Readonly<Record<string, string>>;
}

/** Measured clips in a file, so that a run goes on where the one before was stopped. */
export class MeasuredClips {
  readonly #file: string;
  readonly #clips: Map<string, MeasuredClip>;

  private constructor(file: string, clips: Map<string, MeasuredClip>) {
    this.#file = file;
    this.#clips = clips;
  }

  static async open(name: string): Promise<MeasuredClips> {
    const file = fileURLToPath(new URL(`./results/${name}`, import.meta.url));
    const text = await readFile(file, 'utf8').catch(() => '[]');
    const clips = JSON.parse(text) as MeasuredClip[];
    return new MeasuredClips(file, new Map(clips.map((clip) => [`${clip.method}/${clip.key}`, clip])));
  }

  find(method: string, key: string): MeasuredClip | undefined {
    return this.#clips.get(`${method}/${key}`);
  }

  async add(clip: MeasuredClip): Promise<void> {
    this.#clips.set(`${clip.method}/${clip.key}`, clip);
    await this.save([...this.#clips.values()]);
  }

  /** Keeps these and no others. */
  async save(clips: readonly MeasuredClip[]): Promise<void> {
    const lines = clips.map((clip) => JSON.stringify(clip));
    await writeFile(this.#file, `[\n${lines.join(',\n')}\n]\n`);
  }
}
