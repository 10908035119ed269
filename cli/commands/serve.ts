import { once } from 'node:events';
import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { examplesText } from '../shell/help-text.ts';
import { parsePort } from '../shell/option-parsers.ts';
import { withBackend } from '../stack/backend.ts';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly stack: boolean;
  readonly json?: boolean;
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** `shotline serve`. */
export function addServeCommand(program: Command, cli: Cli, version: string): void {
  program
    .command('serve')
    .summary('open the studio: a page and an HTTP interface')
    .description(
      'Serves the studio page and the HTTP interface under /v1 until Ctrl-C, to this machine alone. Prints a link that lets one ' +
        'browser in, once, and a key for programs; everything else is refused. Starts the local stack when it does not run.',
    )
    .option('--port <number>', 'where it listens', parsePort, 4700)
    .option('--host <address>', 'an address of this machine: 127.0.0.1 or ::1', '127.0.0.1')
    .option('--no-stack', 'start no servers and no workers')
    .option('--json', 'print address, link and key as one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline serve', does: 'Make films in a browser:' },
        {
          command: 'curl -H "Authorization: Bearer $KEY" http://127.0.0.1:4700/v1/stories',
          does: 'From another program:',
        },
      ]),
    )
    .action((options: ServeOptions) => runCommand(cli, options, () => serve(cli, options, version)));
}

async function serve(cli: Cli, { host, port, stack, json = false }: ServeOptions, version: string): Promise<Outcome> {
  if (!loopback.has(host)) {
    throw new UsageError(
      `--host is ${host}; the server listens on this machine alone (127.0.0.1 or ::1), because it knows one person and no tenants yet: ` +
        'whoever reached it could read and change every story. From elsewhere, use a tunnel: `ssh -L 4700:127.0.0.1:4700 <host>`',
    );
  }
  const { modelsDir, pictureHosts, pictureBuckets } = cli.config();
  return withBackend<Outcome>(cli, stack ? 'start' : 'find', async ({ client, temporal, env }) => {
    const [{ createServer }, { Door }, { serverLog }] = await Promise.all([
      import('../../serve/server.ts'),
      import('../../serve/door.ts'),
      import('../../serve/server-log.ts'),
    ]);
    const door = new Door(port);
    const server = await createServer({
      client,
      temporal,
      env,
      modelsDir,
      pictureHosts,
      pictureBuckets,
      door,
      version,
      root: cli.root,
      log: serverLog(),
    });
    try {
      await server.listen({ host, port });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new UsageError(`port ${port} is taken; name another one with --port, or use the server that has it`);
      throw error;
    }
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
    const link = (): string => `${url}/open?ticket=${door.ticket()}`;
    if (json) cli.terminal.out(JSON.stringify({ url, link: link(), key: door.key }));
    else {
      cli.terminal.out(`studio   ${link()}`);
      cli.terminal.note(`         the link lets one browser in, once; another is printed when it was used`);
      cli.terminal.note(`api      ${url}/docs   key ${door.key}`);
      door.onAdmitted(() => {
        cli.terminal.note(`studio   ${link()}   (for another browser)`);
      });
    }
    const interrupted = cli.interruption();
    if (!interrupted.aborted) await once(interrupted, 'abort');
    await server.close();
    return 'ok';
  });
}
