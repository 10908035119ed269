import { expect, test } from '@jest/globals';
import { workerFingerprint } from './source-fingerprint.ts';

test('a worker is another when its settings are, and not when those of clients are', async () => {
  const plain = await workerFingerprint({ PATH: '/bin' });
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  expect(await workerFingerprint({ PATH: '/usr/bin', SHOTLINE_MODELS: '/models', SHOTLINE_TEMPORAL_UI: 'x' })).toBe(
    plain,
  );
  for (const name of ['SHOTLINE_DEVICE', 'SHOTLINE_LOG_LEVEL', 'AWS_PROFILE'])
    expect(await workerFingerprint({ PATH: '/bin', [name]: 'x' })).not.toBe(plain);
  expect(await workerFingerprint({ PATH: '/bin', SHOTLINE_PYTHON: 'x' })).toBe(plain);
  const torch = { PATH: '/bin', SHOTLINE_ENGINE: 'torch' };
  expect(await workerFingerprint({ ...torch, SHOTLINE_PYTHON: 'x' })).not.toBe(await workerFingerprint(torch));
  // Each reads all of the code, which takes a second where the disk is cold.
}, 60_000);
