import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { workerConfigFromEnv } from '../../workers/config.ts';
import { Fitness } from '../../workers/fitness.ts';
import { workerName } from '../../workers/identity.ts';
import { runWorker } from '../../workers/run-worker.ts';
import { patienceMs } from '../fakes/farm.ts';

jest.setTimeout(patienceMs);

test('a worker that is told to end while it starts ends as soon as it runs', async () => {
  const config = workerConfigFromEnv({
    SHOTLINE_TEMPORAL_ADDRESS: process.env['SHOTLINE_TEST_TEMPORAL'],
    SHOTLINE_QUEUES: `drain-${randomUUID().slice(0, 8)}`,
  });
  const said: string[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line: string) => said.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const fitness = new Fitness({
    worker: workerName('base'),
    checks: { storage: null, device: null },
    isMade: () => Promise.resolve(false),
    log,
  });
  const activities = { none: () => Promise.resolve() };
  const ended = runWorker(config, { pool: 'base', activities, slots: 1, log, fitness });
  await delay(1);
  expect(said).toEqual([]);
  process.emit('SIGTERM');
  await ended;
  expect(said).toContain('draining; a second signal ends at once');
  expect(said.at(-1)).toBe('the worker has drained');
});
