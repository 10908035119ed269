import type { Command } from 'commander';
import { AbsentError } from '../../client/absent-error.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { textTable } from '../shell/text-table.ts';
import { withBackend } from '../stack/backend.ts';
import type { Backend } from '../stack/backend.ts';

interface ReleaseOptions {
  readonly json?: boolean;
}

/** `shotline release status|use`. */
export function addReleaseCommand(program: Command, cli: Cli): void {
  const release = program
    .command('release')
    .summary('roll from one release to the next, and back')
    .description(
      'The releases of the workers that run workflows (`edit`). A story stays with the release that it began with; new ' +
        'stories go to the current one. docs/operations.md, "Releases", says how to roll.',
    );
  release
    .command('status')
    .description('Lists the releases: which one new stories go to, and how many stories still need the others.')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline release status', does: 'Whether old workers may go:' }]))
    .action((options: ReleaseOptions) => runCommand(cli, options, () => status(cli, options)));
  release
    .command('use')
    .description('Sends new stories to a release whose workers run. Also the way back.')
    .argument('<release>', 'a name of `shotline release status`')
    .addHelpText(
      'after',
      examplesText([{ command: 'shotline release use 0.2.0-3fa71d325cbe', does: 'New stories go there:' }]),
    )
    .action((name: string) => runCommand(cli, {}, () => use(cli, name)));
}

function status(cli: Cli, options: ReleaseOptions): Promise<Outcome> {
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const { releaseColumns, releaseRow } = await import('../stack/release-list.ts');
    const releases = await (await deploymentOf(backend)).releases();
    if (options.json === true) cli.terminal.out(JSON.stringify({ releases }));
    else if (releases.length === 0) cli.terminal.note('no worker of the edit pool has run yet; `shotline worker edit`');
    else for (const line of textTable(releaseColumns, releases.map(releaseRow))) cli.terminal.out(line);
    return 'ok';
  });
}

function use(cli: Cli, name: string): Promise<Outcome> {
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const deployment = await deploymentOf(backend);
    const releases = await deployment.releases();
    const wanted = releases.find(({ buildId }) => buildId === name);
    if (wanted === undefined || wanted.workers === 0) {
      const served = releases.filter(({ workers }) => workers > 0).map(({ buildId }) => buildId);
      throw new AbsentError(
        `no worker of release '${name}' runs; start its \`shotline worker edit\` first. Releases with workers: ${served.join(', ') || 'none'}`,
      );
    }
    await deployment.use(name);
    cli.terminal.out(`new stories go to release ${name}; those that have begun stay with theirs`);
    return 'ok';
  });
}

async function deploymentOf({ client, temporal }: Backend) {
  const { Deployment } = await import('../../workers/edit/deployment.ts');
  return new Deployment(client.connection, temporal.namespace, temporal.queues);
}
