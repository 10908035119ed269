import { pipeline } from 'node:stream/promises';
import { hashOf } from '../story/script/content-hash.ts';
import { DigestStream } from './file-hash.ts';
import type { ObjectStore } from './object-store.ts';

/** Which film of which story. */
export interface FilmName {
  readonly title: string;
  /** The title as a part of names that every system takes. */
  readonly slug: string;
  /** Hash of the script: two stories may make the same frames, and each has its own manifest. */
  readonly scriptHash: string;
  /** Artifact key of the film's task. */
  readonly filmKey: string;
}

/** Kinds of files that a film can be, by ending. */
const contentTypes = { mp4: 'video/mp4', mov: 'video/quicktime', gif: 'image/gif', webp: 'image/webp' } as const;

/** A kind of file, by its ending. */
export type FilmKind = keyof typeof contentTypes;

/** A further file of a film. */
export interface FilmOutput {
  /** Its name in the script. */
  readonly name: string;
  readonly kind: FilmKind;
  /** A local file. */
  readonly file: string;
}

/** What lies beside a film. */
export interface FilmExtra {
  /** File name inside the film's folder: `poster.jpg`. */
  readonly fileName: string;
  readonly contentType: string;
  /** A local file, or the bytes themselves. */
  readonly content: string | Uint8Array;
}

/** Something beside a film that follows from a recipe, as a picture does from frames and captions. */
export interface DerivedExtra extends Omit<FilmExtra, 'content'> {
  /** Hash of all that decides what it shows. */
  readonly recipe: string;
  /** Makes its bytes; called only when it has to be made. */
  readonly make: () => Promise<Uint8Array>;
}

/** Films under names for people: `films/<slug>-<12 hex of script and film>/<slug>.mp4`. Another film or another script has another folder. */
export interface FilmStore {
  /**
   * Puts the file of a film under its name; the last one stands.
   * @returns the object key.
   */
  publishFilm(name: FilmName, file: string, kind?: FilmKind): Promise<string>;
  /** Puts a file of a stream beside the film, in a folder of its own; the last one stands. Returns the object key. */
  publishStreamFile(name: FilmName, path: string, content: string | Uint8Array): Promise<string>;
  /**
   * Puts a further file of the film beside it; the last one stands.
   * @returns the object key.
   */
  publishOutput(name: FilmName, output: FilmOutput): Promise<string>;
  /** Puts a poster, a storyboard or a manifest beside the film; the last one stands. Returns the object key. */
  publishExtra(name: FilmName, extra: FilmExtra): Promise<string>;
  /** Sees to it that an extra of a recipe lies beside the film. One that is there and whole stays; else it is made. Returns the object key. */
  ensureExtra(name: FilmName, extra: DerivedExtra): Promise<string>;
  /** A URL that anyone may open until it expires. `expiresSeconds` up to 604 800 (a week). */
  url(objectKey: string, expiresSeconds: number): Promise<string>;
}

/** Longest life of a presigned URL, by the signature's own rule. */
export const maxUrlSeconds = 604_800;

/** Object key of a file in a film's folder. */
export function filmObjectKey(name: FilmName, fileName: string): string {
  const { slug, scriptHash, filmKey } = name;
  return `films/${slug}-${hashOf({ scriptHash, filmKey }).slice(0, 12)}/${fileName}`;
}

/** The name under which a film is saved: its title in its own script, without what file systems refuse. */
export function downloadName(title: string, kind: FilmKind = 'mp4'): string {
  const name = title
    .normalize('NFC')
    .replace(/[\\/:*?"<>|\p{C}\s]+/gu, ' ')
    .replace(/^[ .]+|[ .]+$/g, '');
  return `${Array.from(name).slice(0, 80).join('').trimEnd() || 'film'}.${kind}`;
}

/** The films in a bucket. */
export function createFilmStore(objects: ObjectStore): FilmStore {
  /** Whether an object was made by a recipe and still has the bytes that were written. */
  async function holds(key: string, recipe: string): Promise<boolean> {
    const found = await objects.get(key);
    if (found === null) return false;
    const { info, body } = found;
    if (info.recipe !== recipe) {
      body.destroy();
      return false;
    }
    const digest = new DigestStream();
    try {
      await pipeline(body, digest.resume());
    } catch {
      // What cannot be read to its end is made again; a store that is away says so at the write.
      return false;
    }
    return digest.digest().sha256 === info.sha256;
  }

  return {
    async publishFilm(name, file, kind = 'mp4') {
      const target = filmObjectKey(name, `${name.slug}.${kind}`);
      const fileName = downloadName(name.title, kind);
      await objects.putFile(target, file, { contentType: contentTypes[kind], fileName });
      return target;
    },

    async publishStreamFile(name, path, content) {
      const target = filmObjectKey(name, path);
      if (typeof content === 'string') await objects.putFile(target, content, { contentType: 'video/mp4' });
      else
        await objects.putBytes(target, content, {
          contentType: path.endsWith('.vtt') ? 'text/vtt; charset=utf-8' : 'application/vnd.apple.mpegurl',
        });
      return target;
    },

    async publishOutput(name, { name: output, kind, file }) {
      const target = filmObjectKey(name, `${name.slug}-${output}.${kind}`);
      const fileName = downloadName(`${name.title} ${output}`, kind);
      await objects.putFile(target, file, { contentType: contentTypes[kind], fileName });
      return target;
    },
    async publishExtra(name, { fileName, contentType, content }) {
      const target = filmObjectKey(name, fileName);
      await (typeof content === 'string'
        ? objects.putFile(target, content, { contentType })
        : objects.putBytes(target, content, { contentType }));
      return target;
    },
    async ensureExtra(name, { fileName, contentType, recipe, make }) {
      const target = filmObjectKey(name, fileName);
      if (!(await holds(target, recipe))) await objects.putBytes(target, await make(), { contentType, recipe });
      return target;
    },
    url: (objectKey, expiresSeconds) => objects.presign(objectKey, expiresSeconds),
  };
}
