import { expect, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { storageError } from './s3-error.ts';

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
