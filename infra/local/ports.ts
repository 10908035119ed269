import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** All servers of the local stack listen here and nowhere else. */
export const loopback = '127.0.0.1';

/**
 * Where free ports are sought: below those that systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere).
 * One of these could be taken in the moment between the choice and the start of its server.
 */
const quietPorts = { first: 20_000, end: 32_000 } as const;

/** Opens a port and lets it go. `null` when it is taken. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => {
        resolve(got);
      });
    });
  });
}

/** A free port that nobody has a habit of. */
async function anyPort(): Promise<number> {
  for (;;) {
    const port = await tryPort(randomInt(quietPorts.first, quietPorts.end));
    if (port !== null) return port;
  }
}

/**
 * A port for each name: the wanted one when it is free, else any free one. 0 wants any.
 * No two names get the same port.
 */
export async function choosePorts<Name extends string>(
  wanted: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const chosen: Partial<Record<Name, number>> = {};
  const used = new Set<number>();
  for (const name of Object.keys(wanted) as Name[]) {
    const own = wanted[name];
    let port = own === 0 || used.has(own) ? null : await tryPort(own);
    while (port === null || used.has(port)) port = await anyPort();
    used.add(port);
    chosen[name] = port;
  }
  return chosen as Record<Name, number>;
}
