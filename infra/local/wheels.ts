import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { megabytes, spaceOn } from '../../storage/disk-space.ts';
import { digestOfFile } from '../../storage/file-hash.ts';
import type { StackConfig } from './config.ts';
import { findOnPath } from './find-program.ts';

/** A Python wheel that is pinned by its hash. */
export interface PinnedWheel {
  readonly distribution: string;
  readonly version: string;
  /** sha256 of each platform's wheel; `pip` picks the platform and refuses every other hash. */
  readonly sha256: readonly string[];
  /** Options of pip that choose a wheel, whatever machine this is; none takes the one for this machine. */
  readonly platform: readonly string[];
  /** The failure when it cannot be had, `STACK_UNAVAILABLE`: what is missing then, and what to do. */
  readonly unavailable: (why: string, cause?: unknown) => PipelineError;
}

const run = promisify(execFile);
const pipTimeoutMs = 10 * 60_000;
const unpackTimeoutMs = 2 * 60_000;

/**
 * Fetches a wheel with pip, checks it by hash, and lends the folder with what is in it; what `use` leaves there goes.
 * @param dir - Where it is unpacked. Of fetches of the same wheel that were killed there the folders are swept.
 * @throws what `wheel.unavailable` makes, `RESOURCE_DISK`, and whatever `use` throws.
 */
export async function withWheel<Result>(
  wheel: PinnedWheel,
  config: StackConfig,
  dir: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await dropUnfinished(dir, wheel);
  const work = join(dir, `.${wheel.distribution}-${randomUUID()}`);
  try {
    const python = await findPython(wheel, config);
    const file = await download(wheel, config, python, work);
    return await use(await unzip(wheel, config, file, python, work));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(wheel: PinnedWheel, config: StackConfig, python: string, work: string): Promise<string> {
  const { distribution, version, sha256, platform } = wheel;
  const wheels = join(work, 'wheels');
  await mkdir(wheels, { recursive: true });
  const requirements = join(work, 'requirements.txt');
  const hashes = sha256.map((hash) => ` --hash=sha256:${hash}`);
  await writeFile(requirements, `${distribution}==${version}${hashes.join('')}\n`);
  const options = '--quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes'.split(' ');
  const places = ['--dest', wheels, '--requirement', requirements];
  try {
    await run(python, ['-m', 'pip', 'download', ...options, ...platform, ...places], { timeout: pipTimeoutMs });
  } catch (error) {
    throw (
      diskFullOf(wheel, error, config) ??
      wheel.unavailable(`pip could not fetch ${distribution} ${version}: ${lastLines(error)}`, error)
    );
  }
  const name = (await readdir(wheels)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw wheel.unavailable(`pip left no wheel of ${distribution}`);
  const file = join(wheels, name);
  // Not every pip checks hashes of a wheel that it has in its cache as strictly as one that it downloads.
  const found = (await digestOfFile(file)).sha256;
  if (!sha256.includes(found))
    throw wheel.unavailable(`${name} has sha256 ${found}, which is not one of the pinned ones`);
  return file;
}

/** A wheel is a zip. */
async function unzip(
  wheel: PinnedWheel,
  config: StackConfig,
  file: string,
  python: string,
  work: string,
): Promise<string> {
  const open = join(work, 'open');
  try {
    await run(python, ['-m', 'zipfile', '-e', file, open], { timeout: unpackTimeoutMs });
  } catch (error) {
    throw (
      diskFullOf(wheel, error, config) ??
      wheel.unavailable(`${wheel.distribution} ${wheel.version} could not be unpacked: ${lastLines(error)}`, error)
    );
  }
  return open;
}

/** A fetch that was killed leaves its folder behind; one that is under way is younger than this. */
const unfinishedMs = 3600_000;

async function dropUnfinished(dir: string, { distribution }: PinnedWheel): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    if (!name.startsWith(`.${distribution}-`)) continue;
    const { mtimeMs } = await stat(join(dir, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > unfinishedMs) await rm(join(dir, name), { recursive: true, force: true });
  }
}

/** Wheel, program and what pip keeps on its way. */
const neededBytes = 200e6;

/** The failure for a disk that became full on the way, known by Python's own words; `null` for every other. */
function diskFullOf(
  { distribution, version }: PinnedWheel,
  error: unknown,
  { cacheDir }: StackConfig,
): PipelineError | null {
  const { stderr } = error as { stderr?: string };
  if (stderr === undefined || !/Errno (28|122)\b|No space left|quota exceeded/i.test(stderr)) return null;
  const room = [cacheDir, tmpdir()].map(spaceOn).filter((part) => part !== '');
  return new PipelineError(
    'RESOURCE_DISK',
    `disk full: ${distribution} ${version} needs about ${megabytes(neededBytes)} while it is fetched; ${room.join(', ')}. ` +
      'Free space there, or point SHOTLINE_CACHE (and TMPDIR) to a larger disk.',
    { details: { cacheDir }, cause: error },
  );
}

async function findPython(wheel: PinnedWheel, config: StackConfig): Promise<string> {
  for (const name of ['python3', 'python']) {
    const python = await findOnPath(name, config.path);
    if (python === null) continue;
    try {
      await run(python, ['-m', 'pip', '--version'], { timeout: unpackTimeoutMs });
      return python;
    } catch {
      // No pip in this one; the next may have it.
    }
  }
  throw wheel.unavailable('there is no Python 3 with pip to fetch it');
}

function lastLines(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const text = (stderr === undefined || stderr.trim() === '' ? (message ?? '') : stderr).trim();
  return text.split('\n').slice(-3).join(' ').slice(0, 500);
}
