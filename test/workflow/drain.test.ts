import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { workerConfigFromEnv } from '../../workers/config.ts';
import { Fitness } from '../../workers/fitness.ts';
import { workerName } from '../../workers/identity.ts';
import { runWorker } from '../../workers/run-worker.ts';
import type { WorkerParts } from '../../workers/run-worker.ts';
import { patienceMs } from '../fakes/farm.ts';

jest.setTimeout(patienceMs);

const draining = 'draining; a second signal ends at once';

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
  const parts: WorkerParts = {
    pool: 'base',
    // Asked for in the middle of the start, when the worker cannot be shut down yet.
    get activities() {
      expect(said).not.toContain('the worker takes tasks');
      if (!said.includes(draining)) process.emit('SIGTERM');
      return { none: () => Promise.resolve() };
    },
    slots: 1,
    log,
    fitness,
  };
  await runWorker(config, parts);
  const expected = [draining, 'the worker takes tasks', 'the worker has drained'];
  expect(said.filter((line) => expected.includes(line))).toEqual(expected);
  expect(said.at(-1)).toBe('the worker has drained');
});
