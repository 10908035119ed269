import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';

/** Algorithms of signatures that C2PA knows, by its names. */
const algorithms = ['es256', 'es384', 'es512', 'ps256', 'ps384', 'ps512', 'ed25519'] as const;

/** With what films are signed. */
export interface CredentialSettings {
  /** The certificate and those above it, PEM. */
  readonly certificate: Buffer;
  /** Secret: the key of the first certificate, PEM of PKCS 8. */
  readonly key: Buffer;
  readonly algorithm: (typeof algorithms)[number];
  /** Address of a service that stamps the time (RFC 3161); `null` has none. */
  readonly timestamps: string | null;
  /** The prompts of shots are told as well. */
  readonly prompts: boolean;
}

const schema = z.object({
  SHOTLINE_C2PA_CERTIFICATE: z.string().optional(),
  SHOTLINE_C2PA_KEY: z.string().optional(),
  SHOTLINE_C2PA_ALGORITHM: z.enum(algorithms).default('es256'),
  SHOTLINE_C2PA_TIMESTAMPS: z.url({ protocol: /^https?$/ }).optional(),
  SHOTLINE_C2PA_PROMPTS: z.enum(['0', '1']).default('0'),
});

/**
 * Reads with what films are signed; `null` when no certificate is given. A variable that is set to nothing counts as not set.
 *
 * @throws PipelineError `SETTING_INVALID` for a file that cannot be read or is no PEM, for one without the other, and for a certificate whose time is
 * over or has not come.
 */
export function credentialsFromEnv(env: NodeJS.ProcessEnv): CredentialSettings | null {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw wrong(`${problems.join('; ')}; correct the variables`);
  }
  const { data } = parsed;
  const { SHOTLINE_C2PA_CERTIFICATE: certificate, SHOTLINE_C2PA_KEY: key } = data;
  if (certificate === undefined && key === undefined) return null;
  if (certificate === undefined || key === undefined) {
    const [said, missing] = certificate === undefined ? ['KEY', 'CERTIFICATE'] : ['CERTIFICATE', 'KEY'];
    throw wrong(`SHOTLINE_C2PA_${said} is set and SHOTLINE_C2PA_${missing} is not; set both, or none to sign nothing`);
  }
  const settings = {
    certificate: pemOf('SHOTLINE_C2PA_CERTIFICATE', certificate, 'CERTIFICATE'),
    key: pemOf('SHOTLINE_C2PA_KEY', key, 'PRIVATE KEY'),
    algorithm: data.SHOTLINE_C2PA_ALGORITHM,
    timestamps: data.SHOTLINE_C2PA_TIMESTAMPS ?? null,
    prompts: data.SHOTLINE_C2PA_PROMPTS === '1',
  };
  checkTime(settings);
  return settings;
}

/** Nobody believes what is signed out of a certificate's time. @throws PipelineError `SETTING_INVALID`. */
export function checkTime({ certificate }: Pick<CredentialSettings, 'certificate'>, nowMs = Date.now()): void {
  let read: X509Certificate;
  try {
    read = new X509Certificate(certificate);
  } catch {
    throw wrong(
      'SHOTLINE_C2PA_CERTIFICATE holds a certificate that cannot be read; give it the PEM file of the authority again',
    );
  }
  const [from, until] = [Date.parse(read.validFrom), Date.parse(read.validTo)];
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  if (until < nowMs) {
    throw wrong(
      `the certificate of SHOTLINE_C2PA_CERTIFICATE expired on ${day(until)}; give the edit worker the one that follows it, or none to sign nothing`,
    );
  }
  if (from > nowMs) {
    throw wrong(
      `the certificate of SHOTLINE_C2PA_CERTIFICATE is valid from ${day(from)} on; correct the clock of this machine, or wait until then`,
    );
  }
}

function pemOf(name: string, file: string, kind: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw wrong(
      `${name} is ${JSON.stringify(file)}, which cannot be read (${reason}); give the edit worker a file that it may read`,
    );
  }
  if (content.includes(`-----BEGIN ${kind}-----`)) return content;
  const convert = kind === 'PRIVATE KEY' ? ' (openssl pkcs8 -topk8 -nocrypt makes one of other keys)' : '';
  throw wrong(`${name} is ${JSON.stringify(file)}, which holds no "BEGIN ${kind}"; give it a PEM file${convert}`);
}

function wrong(message: string): PipelineError {
  return new PipelineError('SETTING_INVALID', message);
}
