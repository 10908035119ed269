import { expect, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { factsOf, isConflict, isNoSuchObject, isPreconditionFailed, storageError } from './s3-error.ts';

const attempt = { action: 'read x', endpoint: 'http://s3.example:1', bucket: 'films' };
const sdk = (name: string, status: number): unknown => ({
  name,
  message: 'words',
  $metadata: { httpStatusCode: status },
});

test.each<[string, unknown, string]>([
  [
    'a refused connection',
    { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    'STORAGE_UNAVAILABLE',
  ],
  ['an unknown host', { name: 'Error', code: 'ENOTFOUND', message: 'getaddrinfo' }, 'STORAGE_UNAVAILABLE'],
  ['a time-out', { name: 'TimeoutError', message: 'socket' }, 'STORAGE_UNAVAILABLE'],
  ['a server error', sdk('InternalError', 500), 'STORAGE_UNAVAILABLE'],
  ['throttling', sdk('SlowDown', 503), 'STORAGE_UNAVAILABLE'],
  ['throttling under a name of its own', sdk('QuotaReached', 429), 'STORAGE_UNAVAILABLE'],
  ['a gateway without a server', sdk('Unknown', 502), 'STORAGE_UNAVAILABLE'],
  ['a slow request', sdk('RequestTimeout', 400), 'STORAGE_UNAVAILABLE'],
  ...['TooManyRequests', 'ConditionalRequestConflict', 'OperationAborted'].map((name): [string, unknown, string] => [
    `the answer ${name}`,
    sdk(name, 409),
    'STORAGE_UNAVAILABLE',
  ]),
  ...[
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EADDRNOTAVAIL',
    'ERR_STREAM_PREMATURE_CLOSE',
  ].map((code): [string, unknown, string] => [code, { name: 'Error', code, message: '' }, 'STORAGE_UNAVAILABLE']),
  ['a request without a key', sdk('Unauthorized', 401), 'STORAGE_DENIED'],
  ['a forbidden request', sdk('AccessDenied', 403), 'STORAGE_DENIED'],
  ['no credentials', { name: 'CredentialsProviderError', message: 'none' }, 'STORAGE_DENIED'],
  ['a missing bucket', sdk('NoSuchBucket', 404), 'STORAGE_DENIED'],
  ['a missing bucket of an answer without a status', { name: 'NoSuchBucket', message: 'x' }, 'STORAGE_DENIED'],
  ['a request without a key that says no name', sdk('', 401), 'STORAGE_DENIED'],
  ['a time-out of another name', { name: 'ConnectTimeoutError', message: 'x' }, 'STORAGE_UNAVAILABLE'],
  ['a request that the server does not take', sdk('InvalidArgument', 400), 'STORAGE_DENIED'],
  ['a full disk of ours', { name: 'Error', code: 'ENOSPC', message: 'write' }, 'RESOURCE_DISK'],
  ['a bug of ours', new TypeError('undefined is not a function'), 'INTERNAL'],
])('%s has its code, and the message says where', (_what, error, code) => {
  const mapped = storageError(error, attempt);
  expect(mapped).toMatchObject({ code });
  expect(mapped.message).toContain("Cannot read x (bucket 'films' at http://s3.example:1)");
});

test('what is ours already and a cancel pass untouched', () => {
  const ours = new PipelineError('ARTIFACT_MISSING', 'gone');
  const cancel = Object.assign(new Error('stop'), { name: 'AbortError' });
  expect(storageError(ours, attempt)).toBe(ours);
  expect(storageError(cancel, attempt)).toBe(cancel);
});

test('a long reason is cut, so that a server cannot fill the history of a workflow', () => {
  const error = { name: 'X', message: 'y'.repeat(100_000), $metadata: { httpStatusCode: 500 } };
  expect(storageError(error, attempt).message.length).toBeLessThan(1000);
});

test('the message has what the server said, each part once, and nothing that is empty', () => {
  const because = (error: unknown): string =>
    /http:\/\/s3\.example:1\): (.*?)\. [A-Z]/.exec(storageError(error, attempt).message)?.[1] ?? '';
  expect(because(sdk('SlowDown', 503))).toBe('SlowDown, HTTP 503, words');
  expect(because({ name: 'Error', code: 'EPIPE', message: '' })).toBe('EPIPE');
  expect(because({ name: 'Error', code: 7, message: 'text', $metadata: { httpStatusCode: 'many' } })).toBe('text');
  expect(because({ name: 'Odd', code: 'E1', message: 'text', $metadata: { httpStatusCode: 400 } })).toBe(
    'Odd, E1, HTTP 400, text',
  );
});

test('what is no object is told as it is', () => {
  expect(factsOf(null)).toEqual({ name: '', code: '', status: 0, reason: 'null' });
  expect(factsOf(undefined).reason).toBe('undefined');
  expect(factsOf('broken')).toEqual({ name: '', code: '', status: 0, reason: 'broken' });
});

test('403 and 401 are refusals whatever their name, and need no other', () => {
  for (const status of [401, 403]) {
    const { message } = storageError(sdk('', status), attempt);
    expect(message).toContain('SHOTLINE_S3_ACCESS_KEY_ID');
  }
  expect(storageError(sdk('NoSuchBucket', 404), attempt).message).toContain('Create the bucket');
});

test('an error of a server on a full disk is that of the disk; on another, and a refusal on any, it is not', () => {
  const code = (status: number, disk?: string): unknown => {
    const error = storageError(sdk('InternalError', status), { ...attempt, ...(disk === undefined ? {} : { disk }) });
    return error instanceof PipelineError ? error.code : error;
  };
  // A file system without a block.
  expect(code(500, '/proc')).toBe('RESOURCE_DISK');
  expect(code(507, '/proc')).toBe('RESOURCE_DISK');
  expect(code(500)).toBe('STORAGE_UNAVAILABLE');
  expect(code(404, '/proc')).toBe('STORAGE_DENIED');
  expect(code(500, '/nowhere')).toBe('STORAGE_UNAVAILABLE');
});

test('answers that are asked for are known by name or status', () => {
  expect(['NoSuchKey', 'NotFound', 'NoSuchBucket', ''].map((name) => isNoSuchObject(sdk(name, 404)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isPreconditionFailed(sdk('PreconditionFailed', 0))).toBe(true);
  expect(isPreconditionFailed(sdk('', 412))).toBe(true);
  expect(isPreconditionFailed(sdk('', 409))).toBe(false);
  expect(isConflict(sdk('ConditionalRequestConflict', 409))).toBe(true);
  expect(isConflict(sdk('', 409))).toBe(false);
});
