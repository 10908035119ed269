import { expect, test } from '@jest/globals';
import { workerConfigFromEnv } from '../config.ts';

const settingsOf = (env: Record<string, string>) => workerConfigFromEnv(env).temporal;

test('a file of TLS turns TLS on', () => {
  expect(settingsOf({ SHOTLINE_TEMPORAL_TLS_CA: '/ca.pem' }).tls).toEqual({
    ca: '/ca.pem',
    cert: null,
    key: null,
    serverName: null,
  });
  const mutual = { SHOTLINE_TEMPORAL_TLS_CERT: '/tls.crt', SHOTLINE_TEMPORAL_TLS_KEY: '/tls.key' };
  expect(settingsOf({ ...mutual, SHOTLINE_TEMPORAL_TLS_SERVER_NAME: 'temporal' }).tls).toEqual({
    ca: null,
    cert: '/tls.crt',
    key: '/tls.key',
    serverName: 'temporal',
  });
});

test('a certificate without its key is refused by the name of what is missing', () => {
  expect(() => settingsOf({ SHOTLINE_TEMPORAL_TLS_CERT: '/tls.crt' })).toThrow(
    /SHOTLINE_TEMPORAL_TLS_KEY: is missing beside SHOTLINE_TEMPORAL_TLS_CERT/,
  );
  expect(() => settingsOf({ SHOTLINE_TEMPORAL_TLS_KEY: '/tls.key' })).toThrow(
    /SHOTLINE_TEMPORAL_TLS_CERT: is missing beside SHOTLINE_TEMPORAL_TLS_KEY/,
  );
});

test('files for TLS beside TLS that is off are a contradiction, and said to be one', () => {
  expect(() => settingsOf({ SHOTLINE_TEMPORAL_TLS: 'false', SHOTLINE_TEMPORAL_TLS_CA: '/ca.pem' })).toThrow(
    /SHOTLINE_TEMPORAL_TLS: is off, but SHOTLINE_TEMPORAL_TLS_CA is set/,
  );
});
