import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** What `shotline models convert` is told. Which files a family needs beside its checkpoint, the converter says. */
export interface ConvertOptions {
  readonly family: string;
  readonly checkpoint: string;
  readonly out: string;
  readonly precision: string;
  /** What will run the package, `onnx` or `torch`. */
  readonly engine: string;
  readonly text?: string;
  readonly vae?: string;
  readonly mapper?: string;
  readonly clip?: string;
  readonly head?: string;
  /** Folder with `vocab.json` and `merges.txt`, or `spiece.model`, for families that read words. */
  readonly tokenizer?: string;
  /** Width and height of clips, `512x288`, where it shall not be the size of training. */
  readonly size?: string;
  /** Version of FreeU in a U-Net, 1 or 2. */
  readonly freeu?: string;
  readonly acceptLicence?: boolean;
}

const pathOptions = ['checkpoint', 'text', 'vae', 'mapper', 'clip', 'head', 'tokenizer', 'out'] as const;

const outcomes: ReadonlyMap<number, Outcome> = new Map([
  [0, 'ok'],
  [2, 'usage'],
  [7, 'models'],
]);

/**
 * Converts a published checkpoint with the Python of `modeling/`, the only part of Shotline that needs torch. What it says goes
 * to the terminal as it comes.
 * @throws UsageError when there is no Python to run.
 */
export async function convertCheckpoint(cli: Cli, options: ConvertOptions): Promise<Outcome> {
  const python = cli.env['SHOTLINE_PYTHON'] ?? 'python3';
  const flags = flagsOf(options);
  const child = spawn(python, ['-m', 'modeling.convert', ...flags], {
    cwd: cli.root,
    env: cli.env,
    stdio: 'inherit',
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', (error) => {
      const next = 'set SHOTLINE_PYTHON to a Python that has the packages of modeling/requirements.txt';
      fail(new UsageError(`${python} cannot be run (${error.message}); ${next}`));
    });
    child.once('exit', done);
  });
  return (code === null ? 'cancelled' : outcomes.get(code)) ?? 'internal';
}

/** The converter's own command line; its folder is not the caller's, so paths are whole. */
export function flagsOf(options: ConvertOptions): string[] {
  const { family, precision, engine, size, freeu } = options;
  const paths = pathOptions.flatMap((name) => {
    const path = options[name];
    return path === undefined ? [] : [`--${name}`, resolve(path)];
  });
  const sized = size === undefined ? [] : ['--size', size];
  const free = freeu === undefined ? [] : ['--freeu', freeu];
  const consent = options.acceptLicence === true ? ['--accept-licence'] : [];
  return ['--family', family, ...paths, '--precision', precision, '--engine', engine, ...sized, ...free, ...consent];
}
