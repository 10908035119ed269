import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { CardPlan, JoinPlan, ShotPlan } from '../story/plan/plan.ts';
import { pictureSource } from './picture-source.ts';
import type { PictureSource } from './picture-source.ts';
import { unlessDenied } from './unless-denied.ts';

/** A picture of an item, as a file. */
export type PreviewKind = 'poster' | 'preview';

/** What previews are made with. */
export interface PreviewParts {
  readonly artifacts: Pick<ArtifactStore, 'fetch'>;
  readonly objects: Pick<ObjectStore, 'get' | 'putBytes'>;
}

/** Raise it when the code draws other pictures from the same frames. */
const version = 1;
/** They are decoded and encoded beside the answers, so few at once. */
const atOnce = 2;
const memoryBytes = 64 * 1024 * 1024;

const types = { poster: 'image/jpeg', preview: 'video/mp4' } as const;
const endings = { poster: 'jpg', preview: 'mp4' } as const;

/**
 * Posters and small moving previews of shots and joins, made once from the first artifact that people can look at, and kept in the
 * bucket under its key. Nothing of the pipeline waits for them.
 */
export class Previews {
  readonly #parts: PreviewParts;
  readonly #memory = new Map<string, Buffer>();
  readonly #making = new Map<string, Promise<Buffer>>();
  readonly #waiting: (() => void)[] = [];
  #held = 0;
  #running = 0;

  /** @param parts Where the frames are, and where previews are kept. */
  constructor(parts: PreviewParts) {
    this.#parts = parts;
  }

  /**
   * The bytes of a poster (JPEG) or preview (MP4).
   * @throws PipelineError `ARTIFACT_MISSING` when its frames are not there, `STORAGE_*`, `MEDIA_FAILED`.
   */
  async of(item: ShotPlan | JoinPlan | CardPlan, kind: PreviewKind): Promise<Buffer> {
    const source = pictureSource(item);
    const key = `previews/v${String(version)}/${source.key}.${endings[kind]}`;
    const held = this.#memory.get(key);
    if (held !== undefined) return held;
    const making = this.#making.get(key) ?? this.#find(key, source, kind).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #find(key: string, source: PictureSource, kind: PreviewKind): Promise<Buffer> {
    const found = await unlessDenied(this.#parts.objects.get(key));
    const bytes = found === null ? await this.#inTurn(() => this.#make(key, source, kind)) : await buffer(found.body);
    this.#keep(key, bytes);
    return bytes;
  }

  async #make(key: string, source: PictureSource, kind: PreviewKind): Promise<Buffer> {
    const dir = await mkdtemp(join(tmpdir(), 'shotline-preview-'));
    try {
      const file = join(dir, 'source');
      await this.#parts.artifacts.fetch(source, file);
      // FFmpeg takes a moment to load, which a server that shows nothing need not wait for.
      const { drawPoster, drawPreview } = await import('./draw-preview.ts');
      const bytes =
        kind === 'poster' ? await drawPoster(file, source) : await readFile(await drawPreview(file, source, dir));
      // A key that may not write still shows what it made.
      await unlessDenied(this.#parts.objects.putBytes(key, bytes, { contentType: types[kind], ifAbsent: true }));
      return bytes;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #keep(key: string, bytes: Buffer): void {
    this.#memory.set(key, bytes);
    this.#held += bytes.length;
    for (const [oldest, { length }] of this.#memory) {
      if (this.#held <= memoryBytes) break;
      this.#memory.delete(oldest);
      this.#held -= length;
    }
  }
}
