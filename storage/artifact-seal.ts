import { stat } from 'node:fs/promises';
import type { ArtifactKeys } from './artifact-key.ts';
import { digestOf, digestOfFile } from './file-hash.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';

/** What a seal vouches for. */
interface Sealed {
  /** Object key: what was made for one place proves nothing in another. */
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly recipe: string | null;
}

/** The text that is signed. JSON keeps the fields apart, whatever they hold. */
const sealedText = ({ key, sha256, bytes, recipe }: Sealed): string =>
  JSON.stringify(['shotline-seal-1', key, sha256, bytes, recipe]);

/** An object that carries no seal of the workers. */
export interface RefusedObject {
  readonly object: string;
  readonly bytes: number;
  /** `none`: written without a key, by a client or before there was one. `wrong`: of another key, place or content. */
  readonly seal: 'none' | 'wrong';
}

/** Clients write these, and workers hold them against the hash by which they are named. */
const notOfWorkers = ['artifacts/upload/', 'packages/'];
/** A worker that runs for months in a bucket of strangers' objects must not remember all of them. */
const mostTold = 10_000;

/**
 * A bucket as workers see it that have keys: what they write carries a seal, and what carries none of theirs is not believed.
 *
 * Invariants:
 * Z1 A seal holds for one place, one content and one recipe: moved, altered or relabelled, an object is not believed.
 * Z2 Of an object that is not believed nothing is known but that it lies there: neither sha256 nor recipe.
 * Z3 Each content that is not believed is told once, where a worker should have written it.
 *
 * @param onRefused - Hears of what is not believed.
 */
export function sealedObjects(
  objects: ObjectStore,
  keys: ArtifactKeys,
  onRefused: (refused: RefusedObject) => void = () => undefined,
): ObjectStore {
  const told = new Set<string>();
  const tell = ({ key, etag, bytes, seal }: ObjectInfo): void => {
    const content = JSON.stringify([key, etag, seal]);
    if (told.has(content) || notOfWorkers.some((prefix) => key.startsWith(prefix))) return;
    if (told.size >= mostTold) told.clear();
    told.add(content);
    onRefused({ object: key, bytes, seal: seal === null ? 'none' : 'wrong' });
  };
  const judged = (info: ObjectInfo): ObjectInfo => {
    const { key, sha256, bytes, recipe, seal } = info;
    const isBelieved = sha256 !== null && keys.verifies(sealedText({ key, sha256, bytes, recipe }), seal);
    if (isBelieved) return info;
    tell(info);
    return { ...info, sha256: null, recipe: null, isBelieved: false };
  };
  const sealOf = (of: Sealed): string => keys.sign(sealedText(of));

  return {
    bucket: objects.bucket,
    endpoint: objects.endpoint,
    list: (prefix) => objects.list(prefix),
    delete: (key, etag) => objects.delete(key, etag),
    presign: (key, expiresSeconds) => objects.presign(key, expiresSeconds),
    ensureBucket: () => objects.ensureBucket(),
    close: () => {
      objects.close();
    },
    async head(key) {
      const info = await objects.head(key);
      return info === null ? null : judged(info);
    },
    async get(key, signal) {
      const found = await objects.get(key, signal);
      return found === null ? null : { ...found, info: judged(found.info) };
    },
    async putFile(key, file, options) {
      const { recipe = null } = options;
      const { sha256, bytes } =
        options.sha256 === undefined
          ? await digestOfFile(file, options.signal)
          : { sha256: options.sha256, bytes: (await stat(file)).size };
      return objects.putFile(key, file, { ...options, sha256, seal: sealOf({ key, sha256, bytes, recipe }) });
    },
    async putBytes(key, content, options) {
      const { recipe = null } = options;
      const { sha256, bytes } = digestOf(content);
      return objects.putBytes(key, content, { ...options, sha256, seal: sealOf({ key, sha256, bytes, recipe }) });
    },
  };
}
