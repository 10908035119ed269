import { CommanderError } from 'commander';
import type { Cli } from './shell/cli.ts';
import { cliConfigFromEnv, processEnvironment, terminalSettings } from './shell/config.ts';
import { exitCodeOf } from './shell/exit-codes.ts';
import { interruption } from './shell/interruption.ts';
import { shotlineProgram } from './program.ts';
import { processTerminal } from './shell/terminal.ts';

/** Runs the command line of this process; `root` is the folder of Shotline. The exit code is set when it returns. */
export async function main({ root, version }: { readonly root: string; readonly version: string }): Promise<void> {
  const env = processEnvironment();
  const cli: Cli = {
    terminal: processTerminal(process, terminalSettings(env)),
    env,
    root,
    config: () => cliConfigFromEnv(env, root),
    interruption: () => interruption(process),
    exit(code) {
      process.exitCode = code;
    },
  };
  try {
    await shotlineProgram(cli, version).parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed what is wrong; its help and version end with 0.
    cli.exit(error.exitCode === 0 ? 0 : exitCodeOf('usage'));
  }
}
