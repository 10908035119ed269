import { copyFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownFolder, sweepFolders } from '../storage/owned-folder.ts';
import { makePrivateFolder } from '../storage/whole-file.ts';
import type { FoundClip } from '../story/script/script.ts';
import { hashOf } from '../story/script/content-hash.ts';
import { clipFault } from './clip-fault.ts';
import { digestOf } from './clip-source.ts';
import type { ClipPath } from './clip-source.ts';
import { partFile, prepareClip, soundFile } from './prepare-clip.ts';
import type { ClipWish } from './prepare-clip.ts';

/** Raised when clips are made ready in another way. */
const version = 1;

/** Beginning of the name of a folder that is being filled. */
const making = 'making-';

/**
 * Clips that were made ready on this machine, by their content: what was found in them stays, so that a story is planned again at once;
 * their parts go when they have been uploaded.
 */
export class PreparedClips {
  readonly #folder: string;
  readonly #onFrames: (source: string, done: number, of: number) => void;

  /**
   * @param cacheDir Folder for what may be made again.
   * @param onFrames Hears how far a clip is, which may take minutes.
   */
  constructor(cacheDir: string, onFrames: (source: string, done: number, of: number) => void = () => undefined) {
    this.#folder = join(cacheDir, 'clips');
    this.#onFrames = onFrames;
  }

  /** Makes a clip ready, or finds that it is. @throws PipelineError as {@link prepareClip}; `RESOURCE_DISK`. */
  async prepare(source: string, path: ClipPath, wish: ClipWish): Promise<PreparedClip> {
    const folder = join(this.#folder, hashOf({ version, content: await digestOf(path), ...wish, film: wish.target }));
    const known = await recordIn(folder);
    if (known !== null) return this.#prepared(source, path, wish, folder, known);
    return this.#prepared(source, path, wish, folder, await this.#make(source, path, wish, folder));
  }

  async #make(source: string, path: ClipPath, wish: ClipWish, folder: string): Promise<FoundClip> {
    await makePrivateFolder(this.#folder);
    await sweepFolders(this.#folder, making);
    const own = await ownFolder(this.#folder, making);
    try {
      const found = await prepareClip(path, wish, own.dir, (done, of) => {
        this.#onFrames(source, done, of);
      });
      await writeFile(join(own.dir, 'clip.json'), JSON.stringify(found));
      await rm(folder, { recursive: true, force: true });
      await own.giveUp();
      // Another process may have been first; what it made is the same.
      await rename(own.dir, folder).catch(() => undefined);
      return found;
    } finally {
      await own.remove();
    }
  }

  #prepared(source: string, path: ClipPath, wish: ClipWish, folder: string, found: FoundClip): PreparedClip {
    const write = async (from: string, to: string): Promise<void> => {
      if (!(await isThere(from))) {
        const again = await this.#make(source, path, wish, folder);
        if (hashOf(again) !== hashOf(found)) {
          throw clipFault(`${JSON.stringify(source)} was changed while the story was submitted; submit it again`);
        }
      }
      await copyFile(from, to);
    };
    return {
      found,
      parts: found.parts.map((key, part) => ({ key, write: (to) => write(partFile(folder, part), to) })),
      sound: found.sound === undefined ? null : { key: found.sound.key, write: (to) => write(soundFile(folder), to) },
      forget: async () => {
        for (let part = 0; part < found.parts.length; part += 1) await rm(partFile(folder, part), { force: true });
        await rm(soundFile(folder), { force: true });
      },
    };
  }
}

/** What is uploaded, and how it gets into a file. */
interface PreparedFile {
  readonly key: string;
  /** @throws PipelineError `SCRIPT_INVALID` when the clip was changed since. */
  readonly write: (file: string) => Promise<void>;
}

/** A clip that is ready. */
export interface PreparedClip {
  readonly found: FoundClip;
  readonly parts: readonly PreparedFile[];
  readonly sound: PreparedFile | null;
  /** Lets go of its files, once they were uploaded. */
  readonly forget: () => Promise<void>;
}

async function recordIn(folder: string): Promise<FoundClip | null> {
  const text = await readFile(join(folder, 'clip.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as FoundClip);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
