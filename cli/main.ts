import { CommanderError } from 'commander';
import type { Cli } from './shell/cli.ts';
import { cliConfigFromEnv, processEnvironment, terminalSettings } from './shell/config.ts';
import { exitCodeOf } from './shell/exit-codes.ts';
import { interruption } from './shell/interruption.ts';
import { misspeltSettings } from './shell/misspelt-settings.ts';
import { outputStream } from './shell/output-stream.ts';
import { shotlineProgram } from './program.ts';
import { processTerminal } from './shell/terminal.ts';

/** Runs the command line of this process; `root` is the folder of Shotline. When it returns, the exit code is set and everything is printed. */
export async function main({ root, version }: { readonly root: string; readonly version: string }): Promise<void> {
  const env = processEnvironment();
  const streams = { stdout: outputStream(process.stdout), stderr: outputStream(process.stderr) };
  const cli: Cli = {
    terminal: processTerminal(streams, process, terminalSettings(env)),
    env,
    root,
    config: () => cliConfigFromEnv(env, root),
    interruption: () => interruption(process),
    exit(code) {
      process.exitCode = code;
    },
  };
  for (const line of misspeltSettings(env)) cli.terminal.note(line);
  try {
    await shotlineProgram(cli, version).parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed what is wrong; its help and version end with 0.
    cli.exit(error.exitCode === 0 ? 0 : exitCodeOf('usage'));
  }
  const lost = await streams.stdout.finished();
  if (lost !== null) {
    cli.terminal.note(
      `error: stdout takes no more (${lost.message}); what was printed is not whole: free space there and run the command again`,
    );
    if ((process.exitCode ?? 0) === 0) cli.exit(exitCodeOf('output'));
  }
  await streams.stderr.finished();
}
