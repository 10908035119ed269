import { Argument } from 'commander';
import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText } from '../shell/help-text.ts';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { runAllPools, runOnePool } from '../stack/worker-process.ts';

/** `shotline worker base|interp|sr|edit|all`. */
export function addWorkerCommand(program: Command, cli: Cli): void {
  program
    .command('worker')
    .summary('run a worker pool in the foreground')
    .description(
      'Runs the worker process of a pool until SIGTERM or SIGINT, which let the running step finish and hand the task ' +
        'back. A host that offers a pool needs nothing but this command and its environment. `all` runs one process per pool.',
    )
    .addArgument(new Argument('<pool>', 'the pool').choices([...pools, 'all']))
    .addHelpText(
      'after',
      examplesText([
        { command: 'SHOTLINE_DEVICE=cuda:0,cpu shotline worker base', does: 'The base pool on a GPU:' },
        { command: 'shotline worker all', does: 'All pools of a small machine:' },
      ]),
    )
    .action((pool: Pool | 'all') =>
      runCommand(cli, {}, () => (pool === 'all' ? runAllPools(cli) : runOnePool(cli, pool))),
    );
}
