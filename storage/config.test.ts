import { expect, test } from '@jest/globals';
import { storageConfigFromEnv } from './config.ts';

test('with nothing set it is AWS with its own credential chain', () => {
  expect(storageConfigFromEnv({ SHOTLINE_CACHE: '/c' })).toEqual({
    endpoint: null,
    publicEndpoint: null,
    region: 'us-east-1',
    bucket: 'shotline',
    credentials: null,
    cacheDir: '/c',
  });
});

test('the public endpoint is the endpoint unless it is set, and an empty variable is not set', () => {
  const env = { SHOTLINE_S3_ENDPOINT: 'http://s3:8333/', SHOTLINE_S3_PUBLIC_ENDPOINT: '' };
  expect(storageConfigFromEnv(env)).toMatchObject({ endpoint: 'http://s3:8333', publicEndpoint: 'http://s3:8333' });
  expect(storageConfigFromEnv({ ...env, SHOTLINE_S3_PUBLIC_ENDPOINT: 'https://films.example' }).publicEndpoint).toBe(
    'https://films.example',
  );
});

test('every wrong variable is named at once, and no secret is repeated', () => {
  const env = { SHOTLINE_S3_ENDPOINT: 'http://user:hunter2@s3', SHOTLINE_S3_BUCKET: 'Not A Bucket' };
  const read = () => storageConfigFromEnv(env);
  expect(read).toThrow(/SHOTLINE_S3_ENDPOINT must not carry.*SHOTLINE_S3_BUCKET must be/);
  expect(read).not.toThrow(/hunter2/);
  expect(() => storageConfigFromEnv({ SHOTLINE_S3_ACCESS_KEY_ID: 'a' })).toThrow(/Only one of/);
});
