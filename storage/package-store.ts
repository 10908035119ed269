import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../errors/system-code.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { PackageRef } from '../story/models/model-set.ts';
import { downloadOrTellLost } from './lost-object.ts';
import type { ObjectStore } from './object-store.ts';
import { ownFolder, sweepFolders } from './owned-folder.ts';
import { readPackageFolder, verifyPackage } from './package-folder.ts';
import { makePrivateFolder } from './whole-file.ts';

/**
 * Model packages in the bucket under `packages/<digest>/`, and on this machine's disk under `<cache>/packages/<digest>/`.
 *
 * P1. `model.json` is uploaded last, so a package that has one is whole.
 * P2. A cache folder appears by rename, so two processes may fetch the same package at once and both use the winner's.
 * P3. A package is used in a process only after all of it was hashed in that process.
 */
export interface PackageStore {
  /**
   * Uploads a package folder, unless the bucket has it.
   * @throws `MODEL_CORRUPT` when the folder's files differ from its manifest.
   */
  pushPackage(dir: string): Promise<PackageRef>;
  /**
   * The verified local folder of a package, fetched when it is not there or not whole.
   * @throws `MODEL_INVALID` when the reference is none, `MODEL_UNKNOWN` when the bucket lacks it, `MODEL_CORRUPT` when the bucket's copy differs from its manifest.
   */
  ensurePackage(ref: PackageRef): Promise<string>;
  /** Removes what processes that died had fetched halfway, and returns how many packages that were. */
  sweep(): Promise<number>;
}

/** Object key of a file of a package. */
export const packageObjectKey = (digest: string, path: string): string => `packages/${digest}/${path}`;

/** A digest names folders here and in the bucket, and comes from whoever planned the story. */
const digestRule = /^[0-9a-f]{64}$/;

/** The packages in a bucket, cached under `cacheDir`. */
export function createPackageStore(objects: ObjectStore, cacheDir: string): PackageStore {
  const packagesDir = join(cacheDir, 'packages');
  const ready = new Map<string, Promise<string>>();

  async function fetchPackage(ref: PackageRef): Promise<string> {
    const dir = join(packagesDir, ref.digest);
    if (await isWhole(dir, ref)) return dir;

    await sweepFolders(packagesDir, halfPrefix);
    const half = await ownFolder(packagesDir, `${halfPrefix}${ref.digest.slice(0, 12)}-`);
    const partial = half.dir;
    try {
      await fetchFile(ref, 'model.json', ref.digest, partial);
      const folder = await readPackageFolder(partial);
      for (const { path, sha256 } of folder.manifest.files) await fetchFile(ref, path, sha256, partial);
      await verifyPackage(folder, 'size');
      await half.giveUp();
      await install(partial, dir, ref);
    } finally {
      await half.remove();
    }
    return dir;
  }

  async function fetchFile(ref: PackageRef, path: string, sha256: string, into: string): Promise<void> {
    const key = packageObjectKey(ref.digest, path);
    const remedy = `Delete packages/${ref.digest}/ in the bucket and run \`shotline models push\` where the model set lies.`;
    const got = await downloadOrTellLost(objects, key, join(into, path), { expectedSha256: sha256, remedy });
    if (got.state === 'ok') return;
    const label = `Model package ${ref.name} ${ref.version}`;
    const details = { package: ref.name, digest: ref.digest, file: path };
    if (got.state === 'missing' && path === 'model.json') {
      throw new PipelineError(
        'MODEL_UNKNOWN',
        `${label} (${ref.digest.slice(0, 12)}) is not in bucket '${objects.bucket}'; \`shotline render\` uploads the packages of its model set.`,
        { details },
      );
    }
    const what = got.state === 'missing' ? 'is missing' : `is altered: ${got.reason}`;
    throw new PipelineError(
      'MODEL_CORRUPT',
      `${label}: ${key} ${what}. Delete packages/${ref.digest}/ in the bucket and render again.`,
      {
        details,
      },
    );
  }

  return {
    sweep: () => sweepFolders(packagesDir, halfPrefix),
    async pushPackage(dir) {
      const folder = await readPackageFolder(dir);
      const { manifest, ref } = folder;
      const manifestKey = packageObjectKey(ref.digest, 'model.json');
      // The cheap check finds what a half-copied folder lacks even when the bucket has the package.
      await verifyPackage(folder, 'size');
      if ((await objects.head(manifestKey)) !== null) return ref;
      await verifyPackage(folder, 'sha256');
      const contentType = 'application/octet-stream';
      for (const { path, sha256 } of manifest.files) {
        await objects.putFile(packageObjectKey(ref.digest, path), join(dir, path), { contentType, sha256 });
      }
      await objects.putFile(manifestKey, join(dir, 'model.json'), {
        contentType: 'application/json',
        sha256: ref.digest,
      });
      return ref;
    },
    async ensurePackage(ref) {
      if (!digestRule.test(ref.digest)) {
        const seen = JSON.stringify(ref.digest.slice(0, 80));
        throw new PipelineError(
          'MODEL_INVALID',
          `The plan names a package by ${seen}, which is no digest; a digest has 64 hex digits. Plan the story with \`shotline render\`.`,
        );
      }
      const known = ready.get(ref.digest);
      // Whoever needs room may empty the cache while this process runs; a look at names and sizes is cheap.
      if (known !== undefined && !(await known.then(isComplete)) && ready.get(ref.digest) === known) {
        ready.delete(ref.digest);
      }
      const shared = ready.get(ref.digest);
      if (shared !== undefined) return shared;
      const fetching = fetchPackage(ref);
      ready.set(ref.digest, fetching);
      // A failure is not remembered: the next task may find the package uploaded or the server up.
      fetching.catch(() => ready.delete(ref.digest));
      return fetching;
    },
  };
}

/** Whether a cache folder that was verified still has its files. */
async function isComplete(dir: string): Promise<boolean> {
  try {
    await verifyPackage(await readPackageFolder(dir), 'size');
    return true;
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('MODEL_')) return false;
    throw error;
  }
}

/** Whether a cache folder holds exactly this package, by the hash of every file. */
async function isWhole(dir: string, ref: PackageRef): Promise<boolean> {
  if ((await stat(dir).catch(() => null)) === null) return false;
  try {
    const folder = await readPackageFolder(dir);
    if (folder.ref.digest !== ref.digest) return false;
    await verifyPackage(folder, 'sha256');
    return true;
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('MODEL_')) return false;
    throw error;
  }
}

/** Moves a fetched folder to its place. Whoever comes second finds it taken by an equal one. */
async function install(partial: string, dir: string, ref: PackageRef): Promise<void> {
  await makePrivateFolder(dirname(dir));
  for (let tries = 1; ; tries++) {
    try {
      await rename(partial, dir);
      return;
    } catch (error) {
      const code = systemCode(error);
      const taken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
      if (!taken || tries === maxInstallTries) throw error;
      if (await isWhole(dir, ref)) return;
      // An altered folder moves away whole: a process that has its files open keeps them.
      const aside = `${partial}.altered-${String(tries)}`;
      await rename(dir, aside).catch((gone: unknown) => {
        if (systemCode(gone) !== 'ENOENT') throw gone;
      });
      await rm(aside, { recursive: true, force: true });
    }
  }
}

const maxInstallTries = 3;
/** Names of folders that are being filled. */
const halfPrefix = '.';
