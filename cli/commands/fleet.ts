import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { withBackend } from '../stack/backend.ts';

interface FleetOptions {
  readonly json?: boolean;
}

/** `shotline fleet`. */
export function addFleetCommand(program: Command, cli: Cli): void {
  program
    .command('fleet')
    .summary('show pools, workers, what each does and which are sick')
    .description(
      'Shows each pool with its queue and its workers: since when they run, what they do, what failed on them, and which are ' +
        'dead, closed or sick. Asks Temporal alone, no worker.',
    )
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline fleet', does: 'Which GPU is broken:' }]))
    .action((options: FleetOptions) => runCommand(cli, options, () => show(cli, options)));
}

function show(cli: Cli, options: FleetOptions): Promise<Outcome> {
  return withBackend<Outcome>(cli, 'find', async ({ client, temporal }) => {
    const [{ fetchFleet }, { fleetLines }] = await Promise.all([
      import('../fleet/fleet-source.ts'),
      import('../fleet/fleet.ts'),
    ]);
    const fleet = await fetchFleet(client, temporal);
    if (options.json === true) cli.terminal.out(JSON.stringify({ pools: fleet }));
    else for (const line of fleetLines(fleet, Date.now())) cli.terminal.out(line);
    return 'ok';
  });
}
