import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { systemCode } from '../errors/system-code.ts';

/** Where objects live and how to reach them. Holds a secret: never log it whole. */
export interface StorageConfig {
  /** Address of the S3 server; `null` is AWS itself. */
  readonly endpoint: string | null;
  /** Address that presigned URLs name, when viewers reach the server by another one. */
  readonly publicEndpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  /** `null` leaves it to the SDK's own chain: profile, web identity, instance role. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** Certificates of the authorities that may have issued the server's, PEM; `null` trusts those of the system. */
  readonly ca: string | null;
  /** Folder for what may be fetched again; model packages lie in `packages/`. */
  readonly cacheDir: string;
}

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address, such as http://127.0.0.1:8333' })
  // This is asked of every text, also of one that is no address.
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must not carry a user name or password')
  .transform((text) => text.replace(/\/+$/, ''));

const schema = z.object({
  SHOTLINE_S3_ENDPOINT: address.optional(),
  SHOTLINE_S3_PUBLIC_ENDPOINT: address.optional(),
  SHOTLINE_S3_REGION: z.string().default('us-east-1'),
  SHOTLINE_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be 3 to 63 lower-case letters, digits, dots or hyphens')
    .default('shotline'),
  SHOTLINE_S3_ACCESS_KEY_ID: z.string().optional(),
  SHOTLINE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  SHOTLINE_S3_CA: z.string().optional(),
});

/** Environment variables, as of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as unset, for that is what compose files make of `${NAME}`. */
const withoutEmpty = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));

/**
 * Reads `SHOTLINE_S3_*` and `SHOTLINE_CACHE`, and the file of authorities that they name.
 * @throws `SETTING_INVALID` that names every variable that is wrong, and no value of a secret; or a file that cannot be used.
 */
export function storageConfigFromEnv(env: Environment): StorageConfig {
  const parsed = schema.safeParse(withoutEmpty(env));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new PipelineError(
      'SETTING_INVALID',
      `The storage settings are wrong: ${problems.join('; ')}. Correct the environment.`,
      {
        details: { problems },
      },
    );
  }
  const values = parsed.data;
  const accessKeyId = values.SHOTLINE_S3_ACCESS_KEY_ID;
  const secretAccessKey = values.SHOTLINE_S3_SECRET_ACCESS_KEY;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new PipelineError(
      'SETTING_INVALID',
      'Only one of SHOTLINE_S3_ACCESS_KEY_ID and SHOTLINE_S3_SECRET_ACCESS_KEY is set; set both, or neither to use the AWS credential chain.',
    );
  }
  const endpoint = values.SHOTLINE_S3_ENDPOINT ?? null;
  return {
    endpoint,
    publicEndpoint: values.SHOTLINE_S3_PUBLIC_ENDPOINT ?? endpoint,
    region: values.SHOTLINE_S3_REGION,
    bucket: values.SHOTLINE_S3_BUCKET,
    credentials: accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : null,
    ca: values.SHOTLINE_S3_CA === undefined ? null : readAuthorities(values.SHOTLINE_S3_CA),
    cacheDir: cacheDirFromEnv(env),
  };
}

function readAuthorities(file: string): string {
  const wrong = (what: string): PipelineError =>
    new PipelineError('SETTING_INVALID', `SHOTLINE_S3_CA is ${JSON.stringify(file)}: ${what}.`, { details: { file } });
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(
      `it cannot be read (${systemCode(error) ?? 'no reason given'}); give a file that this process may read`,
    );
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw wrong('it holds no certificate; give a PEM file with "BEGIN CERTIFICATE" in it');
  return pem;
}

/** `SHOTLINE_CACHE`, by default `.cache/shotline` in the home folder. Absolute. */
export function cacheDirFromEnv(env: Environment): string {
  const given = env['SHOTLINE_CACHE'];
  return given === undefined || given === '' ? join(homedir(), '.cache', 'shotline') : resolve(given);
}

/**
 * The SDK warns at every start on Node 20 that releases of 2027 need a later one. The version here is pinned and runs on
 * Node 20, so the warning tells a user nothing that they can act on.
 */
export function hideSdkNodeVersionWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
