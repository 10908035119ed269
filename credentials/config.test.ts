import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificatesIn } from '../test/fakes/certificates.ts';
import { checkTime, credentialsFromEnv } from './config.ts';

let folder: string;
let chain: string;
let key: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shotline-pem-'));
  [chain, key] = [join(folder, 'chain.pem'), join(folder, 'leaf.key')];
  certificatesIn(folder);
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

  test('is refused when its time is over or has not come, with the day, and when it is no certificate', () => {
    const old = join(folder, 'old');
    mkdirSync(old);
    const files = certificatesIn(old, Date.UTC(2020, 2, 1));
    expect(() => credentialsFromEnv(files)).toThrow(
      /expired on 2020-03-01; give the edit worker the one that follows it/,
    );
    const now = credentialsFromEnv({ SHOTLINE_C2PA_CERTIFICATE: chain, SHOTLINE_C2PA_KEY: key })!;
    expect(() => {
      checkTime(now, Date.UTC(1969, 0, 1));
    }).toThrow(/is valid from 1970-01-01 on; correct the clock/);
    const none = join(folder, 'none.pem');
    writeFileSync(none, '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n');
    expect(() => credentialsFromEnv({ SHOTLINE_C2PA_CERTIFICATE: none, SHOTLINE_C2PA_KEY: key })).toThrow(
      /cannot be read; give it the PEM/,
    );
  });
});
