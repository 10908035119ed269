import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is refused and how: all with 403 when nothing is said. */
interface Refusal {
  readonly status?: number;
  readonly method?: string;
  /** After so many all pass again. */
  readonly requests?: number;
}

/** A way to an S3 server that somebody can close. */
export interface RefusingProxy {
  readonly endpoint: string;
  /** Answers with a status from now on: 403 is that of a server whose keys are being changed. */
  refuse(refusal?: Refusal): void;
  /** Lets all pass again. */
  relent(): void;
  /** Requests that were refused so far. */
  readonly refused: number;
  close(): void;
}

/** Starts one before the server at `target`. */
export async function startRefusingProxy(target: string): Promise<RefusingProxy> {
  const { hostname, port } = new URL(target);
  let refusal: Required<Refusal> | null = null;
  let refused = 0;
  const server = createServer((incoming, answer) => {
    if (refusal !== null && (refusal.method === '' || refusal.method === incoming.method)) {
      const { status, requests } = refusal;
      refused += 1;
      if (refused >= requests) refusal = null;
      incoming.resume();
      answer.writeHead(status, { 'content-type': 'text/html' }).end('<html>not now</html>');
      return;
    }
    // The signature covers the name that the client called.
    const { method, url, headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    refuse: ({ status = 403, method = '', requests = Number.POSITIVE_INFINITY } = {}) => {
      refusal = { status, method, requests };
    },
    relent: () => void (refusal = null),
    get refused() {
      return refused;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
