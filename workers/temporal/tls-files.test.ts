import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeAuthority } from '../../test/harness/certificates.ts';
import type { Identity } from '../../test/harness/certificates.ts';
import { readTlsFiles } from './tls-files.ts';

const none = { ca: null, cert: null, key: null, serverName: null };
let dir: string;
let ours: Identity;
let other: Identity;
let expired: Identity;
let authority: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-tls-'));
  const ca = await makeAuthority('Test CA');
  authority = ca.cert;
  [ours, other, expired] = await Promise.all([
    ca.issue({ name: 'worker' }),
    ca.issue({ name: 'other' }),
    ca.issue({ name: 'old', days: -1 }),
  ]);
});
afterAll(() => rm(dir, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(dir, name), content);
  return join(dir, name);
}

test('a certificate, its key and an authority are read as both SDKs take them', async () => {
  const [ca, cert, key] = [
    await file('ca.pem', authority),
    await file('tls.crt', ours.cert),
    await file('tls.key', ours.key),
  ];
  expect(await readTlsFiles({ ca, cert, key, serverName: 'temporal' })).toEqual({
    serverRootCACertificate: Buffer.from(authority),
    clientCertPair: { crt: Buffer.from(ours.cert), key: Buffer.from(ours.key) },
    serverNameOverride: 'temporal',
  });
  expect(await readTlsFiles(none)).toEqual({});
});

test.each([
  [
    'a file that is not there',
    () => 'absent.pem',
    /SHOTLINE_TEMPORAL_TLS_CA is ".*absent.pem": it cannot be read \(ENOENT\)/,
  ],
  ['a key in place of an authority', () => file('k.pem', ours.key), /TLS_CA is .*: it holds no certificate/],
  [
    'a certificate that is cut off',
    () => file('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
    /TLS_CA is .*: it holds a certificate that cannot be read/,
  ],
  [
    'authorities that have all run out',
    () => file('old.pem', expired.cert),
    /TLS_CA is .*: none of its certificates is valid today/,
  ],
])('an authority from %s is refused', async (_, made, message) => {
  const ca = await made();
  await expect(readTlsFiles({ ...none, ca })).rejects.toThrow(message);
});

test.each([
  [
    'the key of another',
    () => [ours.cert, other.key],
    /TLS_KEY is .*: it is not the key of the certificate in ".*c.pem"/,
  ],
  [
    'a certificate that has run out',
    () => [expired.cert, expired.key],
    /TLS_CERT is .*: its first certificate has expired/,
  ],
  ['a certificate in place of a key', () => [ours.cert, ours.cert], /TLS_KEY is .*: it holds no private key/],
  [
    'a locked key',
    () => [
      ours.cert,
      generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hidden' },
      }).privateKey,
    ],
    /TLS_KEY is .*: it is locked with a pass phrase/,
  ],
] as const)('%s is refused, and no key is shown', async (_, given, message) => {
  const [certText, keyText] = given();
  const [cert, key] = [await file('c.pem', certText!), await file('k.pem', keyText!)];
  const failure = await readTlsFiles({ ...none, cert, key }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SETTING_INVALID', message: expect.stringMatching(message) });
  expect(String(failure)).not.toContain(keyText!.split('\n')[1]!);
});

test('a certificate counts from its first day on', async () => {
  const [cert, key] = [await file('c.pem', ours.cert), await file('k.pem', ours.key)];
  await expect(readTlsFiles({ ...none, cert, key }, new Date('2001-01-01'))).rejects.toThrow(/is not valid before/);
});
