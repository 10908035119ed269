import { once } from 'node:events';
import { rm } from 'node:fs/promises';

/** Ends what `temporal-setup.mjs` began. */
export default async function stopTemporal() {
  const { server, dir } = globalThis.shotlineTestTemporal;
  if (server.exitCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  await rm(dir, { recursive: true, force: true });
}
