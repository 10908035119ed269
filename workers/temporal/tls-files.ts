import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { TlsFiles } from './temporal-settings.ts';

/** The contents of {@link TlsFiles}, as both SDKs of Temporal take them. */
export interface TlsContents {
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  readonly serverNameOverride?: string;
}

/**
 * Reads the files of a TLS connection and checks them: that they are certificates and a key, that the key is that of the
 * certificate, and that they hold at `now`.
 *
 * @throws PipelineError `SETTING_INVALID` that names the variable, the file, what is wrong with it and what to do; never a key.
 */
export async function readTlsFiles(files: TlsFiles, now = new Date()): Promise<TlsContents> {
  const { ca, cert, key, serverName } = files;
  const [authorities, own] = await Promise.all([
    ca === null ? null : readAuthorities(ca, now),
    cert === null || key === null ? null : readOwn(cert, key, now),
  ]);
  return {
    ...(authorities === null ? {} : { serverRootCACertificate: authorities }),
    ...(own === null ? {} : { clientCertPair: own }),
    ...(serverName === null ? {} : { serverNameOverride: serverName }),
  };
}

async function readAuthorities(file: string, now: Date): Promise<Buffer> {
  const variable = 'SHOTLINE_TEMPORAL_TLS_CA';
  const pem = await readPem(variable, file);
  const valid = certificatesIn(variable, file, pem).filter((each) => standing(each, now) === null);
  if (valid.length === 0)
    throw wrong(variable, file, 'none of its certificates is valid today; give the authority of today');
  return pem;
}

async function readOwn(
  certFile: string,
  keyFile: string,
  now: Date,
): Promise<NonNullable<TlsContents['clientCertPair']>> {
  const [certVariable, keyVariable] = ['SHOTLINE_TEMPORAL_TLS_CERT', 'SHOTLINE_TEMPORAL_TLS_KEY'];
  const [crt, key] = await Promise.all([readPem(certVariable, certFile), readPem(keyVariable, keyFile)]);
  const [leaf] = certificatesIn(certVariable, certFile, crt);
  const fault = leaf === undefined ? null : standing(leaf, now);
  if (fault !== null) throw wrong(certVariable, certFile, `its first certificate ${fault}; renew it`);
  if (leaf?.checkPrivateKey(keyIn(keyVariable, keyFile, key)) !== true)
    throw wrong(
      keyVariable,
      keyFile,
      `it is not the key of the certificate in ${JSON.stringify(certFile)}; give the two that belong together`,
    );
  return { crt, key };
}

async function readPem(variable: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw wrong(
      variable,
      file,
      `it cannot be read (${systemCode(cause) ?? 'no reason given'}); give a file that this process may read`,
    );
  }
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesIn(variable: string, file: string, pem: Buffer): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(pemCertificate) ?? [];
  if (blocks.length === 0)
    throw wrong(variable, file, 'it holds no certificate; give a PEM file with "BEGIN CERTIFICATE" in it');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw wrong(variable, file, 'it holds a certificate that cannot be read; make it anew');
  }
}

function keyIn(variable: string, file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const isLocked = systemCode(error) === 'ERR_MISSING_PASSPHRASE' || pem.includes('ENCRYPTED');
    throw wrong(
      variable,
      file,
      isLocked
        ? 'it is locked with a pass phrase, which nobody can type here; store it without one, readable by this user alone'
        : 'it holds no private key; give a PEM file with "BEGIN PRIVATE KEY" in it',
    );
  }
}

/** Why a certificate does not hold; `null` when it does. */
function standing({ validFrom, validTo }: X509Certificate, now: Date): string | null {
  if (new Date(validTo) < now) return `has expired (${validTo})`;
  if (new Date(validFrom) > now) return `is not valid before ${validFrom}`;
  return null;
}

function wrong(variable: string, file: string, what: string): PipelineError {
  return new PipelineError('SETTING_INVALID', `${variable} is ${JSON.stringify(file)}: ${what}.`, {
    details: { variable, file },
  });
}
