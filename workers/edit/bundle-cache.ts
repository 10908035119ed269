import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashCode, reachedFolders, readRooms } from '../../storage/tree-hash.ts';
import { writeWholeFile } from '../../storage/whole-file.ts';

/** Where bundles are kept and how one is made. */
export interface BundleCacheOptions {
  /** Folder of the bundles; made when it is not there. */
  readonly dir: string;
  /** Bundles the workflows: some seconds of processor time. */
  readonly bundle: () => Promise<{ readonly code: string }>;
  /** The repository, or `dist/` of a build: where the sources of the workflows are. */
  readonly root?: string;
}

const codeRoot = fileURLToPath(new URL('../../', import.meta.url));
const lockFile = 'package-lock.json';
/** Enough for a few branches side by side. */
const numKept = 4;

/**
 * The code of the workflows, from the cache when these very sources were bundled before. A bundle that is not there, not
 * whole or cannot be kept is made: the cache saves time and decides nothing.
 */
export async function cachedBundle({
  dir,
  bundle,
  root = codeRoot,
}: BundleCacheOptions): Promise<{ readonly code: string }> {
  const fingerprint = await fingerprintOf(root);
  // Without a lock file nothing tells which tools made a bundle.
  if (fingerprint === null) return bundle();
  const file = join(dir, `${fingerprint}.js`);
  const kept = withoutSeal(await readFile(file, 'utf8').catch(() => ''));
  if (kept !== null) return { code: kept };
  const { code } = await bundle();
  await keep(dir, file, code).catch(() => undefined);
  return { code };
}

/** Every whole bundle in the folder, of whatever sources. */
export async function keptBundles(dir: string): Promise<readonly KeptBundle[]> {
  const names = await readdir(dir).catch(() => []);
  const bundles = names.map(async (name) => {
    const file = join(dir, name);
    return { file, code: withoutSeal(await readFile(file, 'utf8').catch(() => '')) };
  });
  return (await Promise.all(bundles)).flatMap(({ file, code }) => (code === null ? [] : [{ file, code }]));
}

/** A bundle of the cache. */
export interface KeptBundle {
  readonly file: string;
  readonly code: string;
}

/** Makes a bundle one of the newest, so that it is kept. */
export async function touchBundle({ file }: KeptBundle): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}

async function fingerprintOf(root: string): Promise<string | null> {
  const lock = await readFile(join(root, lockFile)).catch(() => null);
  if (lock === null) return null;
  const hash = createHash('sha256').update(lock);
  await hashCode(hash, root, reachedFolders(await readRooms(root), ['workflows']));
  return hash.digest('hex');
}

async function keep(dir: string, file: string, code: string): Promise<void> {
  await writeWholeFile(file, code + sealOf(code));
  const names = await readdir(dir);
  const aged = await Promise.all(names.map(async (name) => ({ name, mtimeMs: (await stat(join(dir, name))).mtimeMs })));
  const old = aged.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(numKept);
  await Promise.all(old.map(({ name }) => rm(join(dir, name), { force: true })));
}

/** A comment at the end that holds the hash of all before it. */
const sealOf = (code: string): string => `\n// sha256 ${createHash('sha256').update(code).digest('hex')}\n`;
const sealLength = sealOf('').length;

function withoutSeal(sealed: string): string | null {
  const code = sealed.slice(0, -sealLength);
  return sealed.length > sealLength && sealed.endsWith(sealOf(code)) ? code : null;
}
