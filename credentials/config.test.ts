import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentialsFromEnv } from './config.ts';

let folder: string;
let chain: string;
let key: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shotline-pem-'));
  [chain, key] = [join(folder, 'chain.pem'), join(folder, 'leaf.key')];
  writeFileSync(chain, '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n');
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('with what films are signed', () => {
  test('is nothing without a certificate', () => {
    expect(credentialsFromEnv({})).toBeNull();
    expect(credentialsFromEnv({ SHOTLINE_C2PA_CERTIFICATE: '', SHOTLINE_C2PA_KEY: '' })).toBeNull();
  });

  test('are two files, and what is said beside them', () => {
    const files = { SHOTLINE_C2PA_CERTIFICATE: chain, SHOTLINE_C2PA_KEY: key };
    expect(credentialsFromEnv(files)).toMatchObject({ algorithm: 'es256', timestamps: null, prompts: false });
    const more = {
      SHOTLINE_C2PA_ALGORITHM: 'ps256',
      SHOTLINE_C2PA_TIMESTAMPS: 'https://t.example',
      SHOTLINE_C2PA_PROMPTS: '1',
    };
    expect(credentialsFromEnv({ ...files, ...more })).toMatchObject({
      algorithm: 'ps256',
      timestamps: 'https://t.example',
      prompts: true,
    });
  });

  test.each([
    ['one without the other', () => ({ SHOTLINE_C2PA_KEY: key }), 'SHOTLINE_C2PA_CERTIFICATE is not; set both'],
    [
      'a file that is not there',
      () => ({ SHOTLINE_C2PA_CERTIFICATE: '/nowhere/a.pem', SHOTLINE_C2PA_KEY: key }),
      '"/nowhere/a.pem", which cannot be read (ENOENT)',
    ],
    [
      'a certificate as key',
      () => ({ SHOTLINE_C2PA_CERTIFICATE: chain, SHOTLINE_C2PA_KEY: chain }),
      'holds no "BEGIN PRIVATE KEY"; give it a PEM file (openssl pkcs8 -topk8 -nocrypt makes one of other keys)',
    ],
    ['another algorithm', () => ({ SHOTLINE_C2PA_ALGORITHM: 'rsa' }), 'SHOTLINE_C2PA_ALGORITHM: '],
  ])('%s is refused', (_, env, message) => {
    expect(() => credentialsFromEnv(env())).toThrow(message);
  });
});
