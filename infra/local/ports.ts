import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** All servers of the local stack listen here and nowhere else. */
export const loopback = '127.0.0.1';

/** Opens a port and lets it go. 0 asks the system for any free one. `null` when it is taken. */
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
    let port = used.has(wanted[name]) ? null : await tryPort(wanted[name]);
    while (port === null || used.has(port)) port = await tryPort(0);
    used.add(port);
    chosen[name] = port;
  }
  return chosen as Record<Name, number>;
}
