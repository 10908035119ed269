import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { textTable } from '../shell/text-table.ts';

interface StackOptions {
  readonly json?: boolean;
}

/** `shotline stack up|down|status`. */
export function addStackCommand(program: Command, cli: Cli): void {
  const stack = program
    .command('stack')
    .summary('start, stop and look at the local servers and workers')
    .description(
      'The local stack: a Temporal server with its UI, an S3 server, and one worker process per pool. `render` starts ' +
        'what is missing and leaves it running for the next render. Data and logs lie in SHOTLINE_CACHE.',
    );
  stack
    .command('up')
    .description('Starts what is missing of the servers and workers, and prints where they are.')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline stack up', does: 'Be ready for renders:' }]))
    .action((options: StackOptions) => runCommand(cli, options, () => up(cli, options)));
  stack
    .command('down')
    .description('Stops workers and servers. Workers put a checkpoint first; films and artifacts stay.')
    .addHelpText('after', examplesText([{ command: 'shotline stack down', does: 'Free the machine:' }]))
    .action(() => runCommand(cli, {}, () => down(cli)));
  stack
    .command('status')
    .description('Shows what runs and where. Exit code 5 when a part is down.')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline stack status', does: 'What runs:' }]))
    .action((options: StackOptions) => runCommand(cli, options, () => status(cli, options)));
}

async function up(cli: Cli, options: StackOptions): Promise<Outcome> {
  const { startStack } = await import('../stack/local-stack.ts');
  await startStack(cli);
  return status(cli, options);
}

async function down(cli: Cli): Promise<Outcome> {
  const { stopLocalStack } = await import('../stack/local-stack.ts');
  await stopLocalStack(cli);
  cli.terminal.out('the local stack is stopped; films and artifacts stay');
  return 'ok';
}

async function status(cli: Cli, options: StackOptions): Promise<Outcome> {
  const { isComplete, stackColumns, stackFacts, stackRows } = await import('../stack/local-stack.ts');
  const facts = await stackFacts(cli);
  if (options.json === true) cli.terminal.out(JSON.stringify(facts));
  else for (const line of textTable(stackColumns, stackRows(facts))) cli.terminal.out(line);
  return isComplete(facts) ? 'ok' : 'unavailable';
}
