import { webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { writeWholeFile } from '../../storage/whole-file.ts';
import { loopback } from './ports.ts';

/**
 * The parts of SeaweedFS (master, volume, filer) ask nobody for a key, and anybody on this machine, web pages included, can
 * talk to their ports. So all of them speak TLS and take only callers that show the certificate of this very server.
 */

/** Parts that listen for gRPC, and the caller of all of them. */
const grpcParts = ['MASTER', 'VOLUME', 'FILER', 'S3', 'CLIENT'];
/** Parts that listen for HTTP, and their caller. The S3 server has keys of its own, and browsers play films from it. */
const httpParts = ['MASTER', 'VOLUME', 'FILER', 'CLIENT'];

/** The file of key and certificate in the folder of a server. Secret. */
export const tlsFile = (dir: string): string => join(dir, 'tls.pem');

/** Makes key and certificate, for the owner alone, unless they are there. */
export async function prepareTls(dir: string): Promise<void> {
  const file = tlsFile(dir);
  if (existsSync(file)) return;
  await writeWholeFile(file, await makeIdentity());
}

/** Makes one pair of a key and a certificate that signs itself: caller and called are the same. PEM. */
async function makeIdentity(): Promise<string> {
  // Half a second to load: once in the life of a cache.
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const { ExtendedKeyUsage } = x509;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Shotline local storage',
    serialNumber: '01',
    // It goes with its cache, and a clock that jumps must not lock a storage.
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2120-01-01'),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: loopback }]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}

/** What `weed` reads in place of a `security.toml`. `dir` is as {@link prepareTls} leaves it. */
export function tlsEnvironment(dir: string): Record<string, string> {
  const file = tlsFile(dir);
  const grpc = grpcParts.flatMap((part) => [
    [`WEED_GRPC_${part}_CERT`, file],
    [`WEED_GRPC_${part}_KEY`, file],
  ]);
  const http = httpParts.flatMap((part) => [
    [`WEED_HTTPS_${part}_CERT`, file],
    [`WEED_HTTPS_${part}_KEY`, file],
    [`WEED_HTTPS_${part}_CA`, file],
  ]);
  return Object.fromEntries([
    ...grpc,
    ...http,
    ['WEED_GRPC_CA', file],
    ['WEED_HTTPS_CLIENT_ENABLED', 'true'],
  ]) as Record<string, string>;
}

/** GET of a part that asks for the certificate; `null` when there is none, a refusal, or no answer in time. */
export async function askWithTls(dir: string, port: number, path: string, limitMs: number): Promise<string | null> {
  const pem = await readFile(tlsFile(dir), 'utf8').catch(() => null);
  if (pem === null) return null;
  return new Promise((resolve) => {
    const give = (): void => {
      resolve(null);
    };
    const asked = request(
      { host: loopback, port, path, ca: pem, cert: pem, key: pem, agent: false, signal: AbortSignal.timeout(limitMs) },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', give);
        answer.on('end', () => {
          resolve(answer.statusCode === 200 ? Buffer.concat(parts).toString() : null);
        });
      },
    );
    asked.on('error', give);
    asked.end();
  });
}
