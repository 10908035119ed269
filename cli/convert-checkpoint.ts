import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Cli } from './cli.ts';
import type { Outcome } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/** What `shotline models convert` is told. */
export interface ConvertOptions {
  readonly family: string;
  readonly checkpoint: string;
  readonly out: string;
  readonly precision: string;
  /** What will run the package, `onnx` or `torch`. */
  readonly engine: string;
  /** Folder with `vocab.json` and `merges.txt`, for text encoders. */
  readonly tokenizer?: string;
  readonly acceptLicence?: boolean;
}

const outcomes: ReadonlyMap<number, Outcome> = new Map([
  [0, 'ok'],
  [2, 'usage'],
  [7, 'models'],
]);

/**
 * Converts a published checkpoint with the Python of `models/`, the only part of Shotline that needs torch. What it says goes
 * to the terminal as it comes.
 * @throws UsageError when there is no Python to run.
 */
export async function convertCheckpoint(cli: Cli, options: ConvertOptions): Promise<Outcome> {
  const python = cli.env['SHOTLINE_PYTHON'] ?? 'python3';
  const { family, precision, engine } = options;
  const files = ['--checkpoint', resolve(options.checkpoint), '--out', resolve(options.out)];
  if (options.tokenizer !== undefined) files.push('--tokenizer', resolve(options.tokenizer));
  const consent = options.acceptLicence === true ? ['--accept-licence'] : [];
  const flags = ['--family', family, ...files, '--precision', precision, '--engine', engine, ...consent];
  const child = spawn(python, ['-m', 'models.convert', ...flags], {
    cwd: cli.root,
    env: cli.env,
    stdio: 'inherit',
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', (error) => {
      const next = 'set SHOTLINE_PYTHON to a Python that has the packages of models/requirements.txt';
      fail(new UsageError(`${python} cannot be run (${error.message}); ${next}`));
    });
    child.once('exit', done);
  });
  return (code === null ? 'cancelled' : outcomes.get(code)) ?? 'internal';
}
