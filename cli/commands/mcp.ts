import { once } from 'node:events';
import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { withBackend } from '../stack/backend.ts';

interface McpOptions {
  readonly stack: boolean;
}

/** `shotline mcp`. */
export function addMcpCommand(program: Command, cli: Cli, version: string): void {
  program
    .command('mcp')
    .summary('let an agent make films (Model Context Protocol)')
    .description(
      'Speaks the Model Context Protocol on stdin and stdout, for agents that start it themselves: they check scripts, make films, ' +
        'look at shots and change them. Ends with its input. Starts the local stack when it does not run. `shotline serve` answers the same at POST /mcp.',
    )
    .option('--no-stack', 'start no servers and no workers')
    .addHelpText(
      'after',
      examplesText([
        { command: 'claude mcp add shotline -- npx shotline mcp', does: 'For an agent that takes a command:' },
        {
          command: `echo '{"mcpServers":{"shotline":{"command":"npx","args":["shotline","mcp"]}}}' > .mcp.json`,
          does: 'For one that reads a file:',
        },
      ]),
    )
    .action((options: McpOptions) => runCommand(cli, {}, () => mcp(cli, options, version)));
}

async function mcp(cli: Cli, { stack }: McpOptions, version: string): Promise<Outcome> {
  const { modelsDir, pictureHosts, pictureBuckets } = cli.config();
  return withBackend<Outcome>(cli, stack ? 'start' : 'find', async ({ client, temporal, env }) => {
    const [{ createServer }, { Door }, { serverLog }, { createMcpServer }, { StdioServerTransport }] =
      await Promise.all([
        import('../../serve/server.ts'),
        import('../../serve/door.ts'),
        import('../../serve/server-log.ts'),
        import('../../serve/mcp/mcp-server.ts'),
        import('@modelcontextprotocol/sdk/server/stdio.js'),
      ]);
    const settings = {
      client,
      temporal,
      env,
      modelsDir,
      pictureHosts,
      pictureBuckets,
      version,
      // It never listens: the tools ask it from within.
      door: new Door(0),
      root: cli.root,
      log: serverLog(),
    };
    const http = await createServer(settings);
    await http.ready();
    const server = createMcpServer(http, settings);
    const closed = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
    });
    await server.connect(new StdioServerTransport());
    const interrupted = cli.interruption();
    const ended = [closed, once(process.stdin, 'end'), once(process.stdin, 'close')];
    await Promise.race(interrupted.aborted ? [] : [...ended, once(interrupted, 'abort')]);
    await server.close();
    await http.close();
    return 'ok';
  });
}
