import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PipelineError } from '../../errors/pipeline-error.ts';

/** All servers of the local stack listen here and nowhere else. */
export const loopback = '127.0.0.1';

/**
 * Where free ports are sought: below those that systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere).
 * One of these could be taken in the moment between the choice and the start of its server.
 */
const quietPorts = { first: 20_000, end: 32_000 } as const;

/** What says that a port is another's: in use, or kept by the system. Every other failure meets all ports alike. */
const takenCodes: ReadonlySet<string | undefined> = new Set(['EADDRINUSE', 'EACCES']);

/** Opens a port and lets it go. `null` when it is taken. @throws `STACK_UNAVAILABLE` when this machine lets nobody listen there. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (takenCodes.has(error.code)) resolve(null);
      else reject(cannotListen(error));
    });
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => {
        resolve(got);
      });
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException): PipelineError {
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `No server can listen on ${loopback} (${error.message}). The local stack listens there: give this machine, container or sandbox a ` +
      'loopback device with that address, or set SHOTLINE_TEMPORAL_ADDRESS and SHOTLINE_S3_ENDPOINT to servers elsewhere.',
    { cause: error },
  );
}

/** Out of 12,000: with one port in a hundred free, the chance to find none is 1 in 20,000. */
const maxTries = 1000;

/** A free port that nobody has a habit of. @throws `STACK_UNAVAILABLE`. */
async function anyPort(): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const port = await tryPort(randomInt(quietPorts.first, quietPorts.end));
    if (port !== null) return port;
  }
  throw new PipelineError(
    'STACK_UNAVAILABLE',
    `Of ${String(maxTries)} ports from ${String(quietPorts.first)} to ${String(quietPorts.end)} on ${loopback} none is free; end what holds them, ` +
      'or set SHOTLINE_TEMPORAL_ADDRESS and SHOTLINE_S3_ENDPOINT to servers elsewhere.',
  );
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
