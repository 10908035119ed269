import { expect, test } from '@jest/globals';
import { storageConfigFromEnv } from './config.ts';

test('with nothing set it is AWS with its own credential chain', () => {
  expect(storageConfigFromEnv({ SHOTLINE_CACHE: '/c' })).toEqual({
    endpoint: null,
    publicEndpoint: null,
    region: 'us-east-1',
    bucket: 'shotline',
    credentials: null,
    ca: null,
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

test('keys that are set are handed on, and are left to the chain where they are empty', () => {
  const keys = { SHOTLINE_S3_ACCESS_KEY_ID: 'a', SHOTLINE_S3_SECRET_ACCESS_KEY: 'b' };
  expect(storageConfigFromEnv(keys).credentials).toEqual({ accessKeyId: 'a', secretAccessKey: 'b' });
  const empty = { SHOTLINE_S3_ACCESS_KEY_ID: '', SHOTLINE_S3_SECRET_ACCESS_KEY: '' };
  expect(storageConfigFromEnv(empty).credentials).toBeNull();
  expect(() => storageConfigFromEnv({ SHOTLINE_S3_SECRET_ACCESS_KEY: 'b' })).toThrow(/Only one of/);
});

test('slashes at the end of an address go, however many', () => {
  expect(() => storageConfigFromEnv({ SHOTLINE_S3_ENDPOINT: '127.0.0.1:8333' })).toThrow(
    /must be an http.* such as http:/,
  );
  expect(storageConfigFromEnv({ SHOTLINE_S3_ENDPOINT: 'http://s3:1//' }).endpoint).toBe('http://s3:1');
});
