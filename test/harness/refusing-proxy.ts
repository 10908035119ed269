import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to an S3 server that somebody can close. */
export interface RefusingProxy {
  readonly endpoint: string;
  /** Answers 403 from now on, as a server does whose keys are being changed. */
  refuse(): void;
  /** Lets all pass again. */
  relent(): void;
  /** Requests that were refused so far. */
  readonly refused: number;
  close(): void;
}

/** Starts one before the server at `target`. */
export async function startRefusingProxy(target: string): Promise<RefusingProxy> {
  const { hostname, port } = new URL(target);
  let isRefusing = false;
  let refused = 0;
  const server = createServer((incoming, answer) => {
    if (isRefusing) {
      refused += 1;
      incoming.resume();
      answer.writeHead(403, { 'content-type': 'text/html' }).end('<html>not now</html>');
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
    refuse: () => void (isRefusing = true),
    relent: () => void (isRefusing = false),
    get refused() {
      return refused;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
