import { cacheDirFromEnv } from '../../storage/config.ts';
import type { Environment } from '../../storage/config.ts';
import type { CliConfig } from './config.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Outcome } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What every command has at hand. */
export interface Cli {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Folder of Shotline itself: `package.json`, `models/`, `cli/shotline.mjs`. */
  readonly root: string;
  /** @throws UsageError when the environment is wrong; so commands that need none still work. */
  config(): CliConfig;
  /** Fires at the first Ctrl-C from now on. A second one ends the process as usual. */
  interruption(): AbortSignal;
  /** Receives the exit code when a command has ended. */
  exit(code: number): void;
}

/** Runs the work of a command: its outcome becomes the exit code, an error becomes a report and the exit code of its kind. */
export async function runCommand(cli: Cli, options: { json?: boolean }, work: () => Promise<Outcome>): Promise<void> {
  try {
    cli.exit(exitCodeOf(await work()));
  } catch (error) {
    // It knows the errors of Temporal's client, which a command that goes well may not need.
    const { errorJson, errorLines, reportOf } = await import('./error-report.ts');
    const report = reportOf(error, cacheDirFromEnv(cli.env));
    for (const line of errorLines(report)) cli.terminal.note(line);
    if (options.json === true) cli.terminal.out(JSON.stringify(errorJson(report)));
    cli.exit(exitCodeOf(report.outcome));
  }
}
