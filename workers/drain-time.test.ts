import { expect, test } from '@jest/globals';
import { drainTimesFromEnv } from './drain-time.ts';

test('a worker has drain, grace and half a minute to end', () => {
  const env = { SHOTLINE_DRAIN_SECONDS: '120', SHOTLINE_CANCEL_GRACE_SECONDS: '60' };
  expect(drainTimesFromEnv(env)).toEqual({ drainMs: 120_000, cancelGraceMs: 60_000, endMs: 210_000 });
  expect(drainTimesFromEnv({ SHOTLINE_DRAIN_SECONDS: '' }).endMs).toBe(61_000);
});

test('wrong settings count as unset, for a worker with them does not start', () => {
  expect(drainTimesFromEnv({ SHOTLINE_DRAIN_SECONDS: 'soon' })).toEqual(drainTimesFromEnv({}));
});
