import { expect, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { unlessDenied } from './unless-denied.ts';

test('what may not be asked for is not there; what cannot be asked is told', async () => {
  expect(await unlessDenied(Promise.resolve(3))).toBe(3);
  expect(await unlessDenied(Promise.reject(new PipelineError('STORAGE_DENIED', 'no')))).toBeNull();
  const away = Promise.reject(new PipelineError('STORAGE_UNAVAILABLE', 'away'));
  await expect(unlessDenied(away)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
});
