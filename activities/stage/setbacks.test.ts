import { expect, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { countSetback, maxSetbacks } from './setbacks.ts';

test.each(['RESOURCE_MEMORY', 'RESOURCE_ENGINE'] as const)('%s is tried again until the last setback', (code) => {
  const error = new PipelineError(code, 'it broke', { details: { pid: 1 } });
  let setbacks = 0;
  for (let attempt = 1; attempt < maxSetbacks; attempt += 1) {
    const counted = countSetback(error, setbacks);
    expect(counted).toEqual({ setbacks: attempt, failure: error });
    expect(counted.failure.disposition).not.toBe('fatal');
    setbacks = counted.setbacks;
  }
  const { failure } = countSetback(error, setbacks);
  expect(failure).toMatchObject({ code, disposition: 'fatal', details: { pid: 1 }, cause: error });
  expect(failure.message).toMatch(/^it broke\. That was setback 6 of 6/);
});

test.each(['STORAGE_UNAVAILABLE', 'RESOURCE_DISK', 'INTERNAL'] as const)('%s is no setback', (code) => {
  const error = new PipelineError(code, 'away');
  expect(countSetback(error, 5)).toEqual({ setbacks: 5, failure: error });
});
