import { describe, expect, test } from '@jest/globals';
import { asPipelineError, errorMessage, errorName, speaksOfMemory } from './failures.ts';
import { PipelineError } from './pipeline-error.ts';
import { systemCode } from './system-code.ts';

describe('memory that ran out', () => {
  test.each([
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'Failed to allocate memory for requested buffer of size 4',
    'CUDA out of memory',
    'cudaErrorMemoryAllocation',
    'CUBLAS_STATUS_ALLOC_FAILED',
    'CUDNN_STATUS_ALLOC_FAILED',
    'Available memory of 1 is smaller than requested bytes of 2',
    'Array buffer allocation failed',
    'Reached heap limit',
  ])('is heard in "%s"', (words) => {
    expect(speaksOfMemory(`before\n${words}\nafter`)).toBe(true);
    expect(asPipelineError(new Error(words), 'running')).toMatchObject({
      code: 'RESOURCE_MEMORY',
      message: expect.stringContaining(`running: memory is out (${words})`) as unknown,
    });
  });

  test('is not heard in other words', () => {
    for (const words of ['', 'memory', 'CUDNN_STATUS_BAD_PARAM', 'allocation of a name']) {
      expect(speaksOfMemory(words)).toBe(false);
    }
  });
});

describe('whatever was thrown', () => {
  test('is left as it is when it is ours', () => {
    const ours = new PipelineError('NUMERIC_INVALID', 'NaN');
    expect(asPipelineError(ours, 'running')).toBe(ours);
  });

  test('is a full disk when the system says so', () => {
    const error = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(asPipelineError(error, 'running')).toMatchObject({ code: 'RESOURCE_DISK' });
  });

  test('is a bug of ours otherwise, with what it said and where', () => {
    const error = new TypeError('no such thing');
    const failure = asPipelineError(error, 'running');
    expect(failure).toMatchObject({ code: 'INTERNAL', message: 'running: no such thing' });
    expect(failure.details).toEqual({ stack: error.stack });
    expect(failure.cause).toBe(error);
  });

  test.each([
    ['text', 'words', 'words'],
    ['nothing', null, 'null'],
    ['an object without a message', { message: 7 }, '[object Object]'],
  ])('is told as text when it is %s', (_what, thrown, message) => {
    expect(errorMessage(thrown)).toBe(message);
    expect(asPipelineError(thrown, 'running')).toMatchObject({ code: 'INTERNAL', details: {} });
    expect([errorName(thrown), systemCode(thrown)]).toEqual([undefined, null]);
  });

  test('has a name and a code where it has them', () => {
    const error = Object.assign(new Error('gone'), { name: 'AbortError', code: 'ENOENT' });
    expect([errorName(error), systemCode(error)]).toEqual(['AbortError', 'ENOENT']);
  });
});
