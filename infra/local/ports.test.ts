import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { choosePorts, loopback } from './ports.ts';

test('a wanted port is given when it is free, and moved when it is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  const { port: taken } = server.address() as AddressInfo;
  try {
    expect((await choosePorts({ ui: taken })).ui).not.toBe(taken);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await choosePorts({ ui: taken })).toEqual({ ui: taken });
});

test('any ports are different ones, and none that an outgoing connection could take', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `server${n}`);
  const ports = Object.values(await choosePorts(Object.fromEntries(names.map((name) => [name, 0]))));
  expect(new Set(ports).size).toBe(40);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
  }
});
