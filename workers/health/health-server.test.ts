import { afterEach, expect, test } from '@jest/globals';
import { startHealthServer } from './health-server.ts';
import type { HealthAnswers, HealthServer } from './health-server.ts';

const servers: HealthServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serverWith(answers: Partial<HealthAnswers>, ...addresses: readonly string[]): Promise<HealthServer> {
  const all = {
    ready: () => Promise.resolve({ isReady: true, body: { state: 'serving' } }),
    metrics: () => Promise.resolve('up 1\n'),
    ...answers,
  };
  const server = await startHealthServer(addresses.length === 0 ? ['127.0.0.1:0'] : addresses, all);
  servers.push(server);
  return server;
}

async function asked({ address }: HealthServer, path: string, method = 'GET') {
  const answer = await fetch(`http://${address}${path}`, { method });
  return { status: answer.status, text: await answer.text() };
}

test('one address answers the three questions, and no other', async () => {
  const server = await serverWith({});
  expect(await asked(server, '/livez')).toEqual({ status: 200, text: 'ok\n' });
  expect(await asked(server, '/readyz?verbose')).toEqual({ status: 200, text: '{"state":"serving"}\n' });
  expect(await asked(server, '/metrics')).toEqual({ status: 200, text: 'up 1\n' });
  expect((await asked(server, '/')).status).toBe(404);
  expect((await asked(server, '/livez', 'POST')).status).toBe(404);
});

test('who is not ready says so and lives', async () => {
  const server = await serverWith({
    ready: () => Promise.resolve({ isReady: false, body: { state: 'recovering', reason: 'its device' } }),
    metrics: () => Promise.reject(new Error('no metrics yet')),
  });
  expect(await asked(server, '/readyz')).toEqual({
    status: 503,
    text: '{"state":"recovering","reason":"its device"}\n',
  });
  expect((await asked(server, '/livez')).status).toBe(200);
  expect(await asked(server, '/metrics')).toEqual({ status: 503, text: 'no metrics yet\n' });
});

test('the next address is taken when one is in use, and none at all is an error with the variable', async () => {
  const first = await serverWith({});
  const second = await serverWith({}, first.address, '127.0.0.1:0');
  expect(second.address).not.toBe(first.address);
  await expect(serverWith({}, first.address)).rejects.toMatchObject({
    code: 'SETTING_INVALID',
    message: expect.stringMatching(/EADDRINUSE.*SHOTLINE_METRICS_ADDRESS/),
  });
});
