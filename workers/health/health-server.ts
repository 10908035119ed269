import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemCode } from '../../errors/system-code.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';

/** What a process tells about itself over HTTP. */
export interface HealthAnswers {
  /** Whether it takes tasks, and what is to be said of it, as JSON. */
  readonly ready: () => Promise<{ readonly isReady: boolean; readonly body: object }>;
  /** Its metrics in Prometheus' text format; rejects when there are none. */
  readonly metrics: () => Promise<string>;
}

/** A listening server. */
export interface HealthServer {
  /** `host:port` that it listens at, the port as it came to be. */
  readonly address: string;
  /** Answers nothing any more. */
  close(): void;
}

/** `GET /livez`, `/readyz` and `/metrics` at the first of these addresses that is free; port 0 takes any. Nothing else is answered.
 *
 * @throws PipelineError `SETTING_INVALID` when none can be listened at.
 */
export async function startHealthServer(addresses: readonly string[], answers: HealthAnswers): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    void answer(isRead ? path : '', answers, response);
  });
  // Whoever asks this server has short questions.
  server.requestTimeout = 10_000;
  const refusals: string[] = [];
  for (const address of addresses) {
    const host = hostOf(address);
    const refusal = await listen(server, host, Number(address.slice(address.lastIndexOf(':') + 1)));
    if (refusal === null) {
      const { port } = server.address() as AddressInfo;
      return {
        address: `${address.slice(0, address.lastIndexOf(':'))}:${String(port)}`,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      };
    }
    refusals.push(`${address}: ${refusal}`);
  }
  throw new PipelineError(
    'SETTING_INVALID',
    `metrics cannot be served at any of ${String(addresses.length)} ports (${refusals[0] ?? ''}); set SHOTLINE_METRICS_ADDRESS to an address of this host with free ports, or leave it unset`,
    { details: { refusals } },
  );
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');

/** Why it cannot listen there; `null` when it does. */
function listen(server: Server, host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const refuse = (error: Error): void => {
      resolve(systemCode(error) ?? error.message);
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve(null);
    });
  });
}

async function answer(path: string, { ready, metrics }: HealthAnswers, response: ServerResponse): Promise<void> {
  try {
    if (path === '/livez') give(response, 200, 'text/plain', 'ok\n');
    else if (path === '/readyz') {
      const { isReady, body } = await ready();
      give(response, isReady ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
    } else if (path === '/metrics') give(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await metrics());
    else give(response, 404, 'text/plain', 'there are /livez, /readyz and /metrics\n');
  } catch (error) {
    give(response, 503, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function give(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
