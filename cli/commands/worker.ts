import { Argument } from 'commander';
import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText } from '../shell/help-text.ts';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { runAllPools, runOnePool } from '../stack/worker-process.ts';

interface WorkerOptions {
  readonly current?: boolean;
  readonly devices?: string;
}

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
    .option('--current', 'edit and all: new stories go to this release from now on, wherever they went before')
    .option(
      '--devices <list>',
      'base, interp and sr: one worker for each of these devices, `auto` for every GPU of this host or a list such as 0,1; metrics and health of all at one address',
    )
    .addHelpText(
      'after',
      examplesText([
        { command: 'SHOTLINE_DEVICE=cuda:0,cpu shotline worker base', does: 'The base pool on a GPU:' },
        { command: 'shotline worker sr --devices auto', does: 'The sr pool on every GPU of this host:' },
        { command: 'shotline worker all --current', does: 'All pools of a small machine, which has no other release:' },
      ]),
    )
    .action((pool: Pool | 'all', options: WorkerOptions) =>
      runCommand(cli, {}, async () => {
        const { current = false, devices } = options;
        if (current && pool !== 'all' && pool !== 'edit')
          throw new UsageError(
            `--current is for \`edit\`, which runs the workflows, and for \`all\`; leave it out for ${pool}`,
          );
        if (devices !== undefined) {
          if (pool === 'all' || pool === 'edit')
            throw new UsageError(
              `--devices is for the pools with a device, base, interp and sr; leave it out for ${pool}`,
            );
          const [{ countGpus, devicesOf }, { runDeviceWorkers }] = await Promise.all([
            import('../../workers/devices/device-list.ts'),
            import('../stack/device-workers.ts'),
          ]);
          const visible = cli.env['CUDA_VISIBLE_DEVICES'] ?? null;
          return runDeviceWorkers(cli, pool, await devicesOf(devices, { visible, numGpus: countGpus }));
        }
        return pool === 'all' ? runAllPools(cli, { current }) : runOnePool(cli, pool, { current });
      }),
    );
}
