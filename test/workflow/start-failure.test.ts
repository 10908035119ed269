import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { mayPass } from '../../workers/start-failure.ts';
import { installQuietRuntime, patienceMs } from '../fakes/farm.ts';

jest.setTimeout(patienceMs);
installQuietRuntime();

let connection: NativeConnection;
beforeAll(async () => {
  connection = await NativeConnection.connect({ address: process.env['SHOTLINE_TEST_TEMPORAL'] ?? '' });
});
afterAll(() => connection.close());

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

const activities = { idle: () => Promise.resolve() };

test.each([
  ['a server that refuses connections', () => NativeConnection.connect({ address: '127.0.0.1:1' })],
  ['a name that is not known yet', () => NativeConnection.connect({ address: 'temporal.invalid:7233' })],
  [
    'a namespace that is not there yet',
    () => Worker.create({ connection, namespace: 'later', taskQueue: 'test', activities }),
  ],
] as const)('a worker waits for %s', async (_, start) => {
  const failure = await failureOf(start());
  expect(failure).toBeInstanceOf(Error);
  expect(mayPass(failure)).toBe(true);
});

test('a worker does not wait for what no server can cure', async () => {
  const impossible = { maxConcurrentActivityTaskExecutions: -1 };
  const failure = await failureOf(Worker.create({ connection, taskQueue: 'test', activities, ...impossible }));
  expect(String(failure)).toContain('must be');
  expect(mayPass(failure)).toBe(false);
  expect(mayPass(new Error('connection refused, namespace not found, deadline'))).toBe(false);
});
