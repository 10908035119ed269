import { isDiskFull } from '../errors/disk-full.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { isFullForServer, spaceOn } from './disk-space.ts';

/** What was being done when the SDK threw, for the message. */
export interface S3Attempt {
  /** A verb phrase: `read artifacts/base/…`. */
  readonly action: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** Folder on the disk that the server writes to, where that is known: the server of the local stack. */
  readonly disk?: string;
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
/** 4xx answers that pass with time. */
const patienceNames = new Set([
  'RequestTimeout',
  'SlowDown',
  'TooManyRequests',
  'ConditionalRequestConflict',
  'OperationAborted',
]);
const maxReasonLength = 300;

const foreign = {
  code: 'STORAGE_DENIED',
  next: "Set SHOTLINE_S3_CA to the PEM file of the authority that issued the server's certificate.",
} as const;

/** What Node says of a certificate that it does not take, and what to do about it. One that has run out may be renewed while stories wait. */
const trustAdvice: Readonly<Record<string, { readonly code: PipelineError['code']; readonly next: string }>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: foreign,
  UNABLE_TO_GET_ISSUER_CERT: foreign,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: foreign,
  SELF_SIGNED_CERT_IN_CHAIN: foreign,
  DEPTH_ZERO_SELF_SIGNED_CERT: foreign,
  CERT_SIGNATURE_FAILURE: foreign,
  CERT_HAS_EXPIRED: { code: 'STORAGE_UNAVAILABLE', next: 'Renew the certificate of the server; stories wait for it.' },
  CERT_NOT_YET_VALID: { code: 'STORAGE_UNAVAILABLE', next: 'Compare the clocks of this machine and of the server.' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: 'STORAGE_DENIED',
    next: 'Set SHOTLINE_S3_ENDPOINT to a name that the certificate of the server has.',
  },
};

interface Facts {
  readonly name: string;
  readonly code: string;
  readonly status: number;
  readonly reason: string;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The fields that tell S3 failures apart, from whatever was thrown. */
export function factsOf(error: unknown): Facts {
  // Not `instanceof`: errors of Node itself belong to another realm where code runs in a VM context.
  if (typeof error !== 'object' || error === null) return { name: '', code: '', status: 0, reason: String(error) };
  const { name, code, message, $metadata } = error as Record<string, unknown>;
  const status = ($metadata as { httpStatusCode?: unknown } | undefined)?.httpStatusCode;
  return {
    name: textOf(name),
    code: textOf(code),
    status: typeof status === 'number' ? status : 0,
    reason: textOf(message).slice(0, maxReasonLength),
  };
}

/** Whether the answer was "there is no such object"; a HEAD cannot tell a missing object from a missing bucket. */
export function isNoSuchObject(error: unknown): boolean {
  const { name } = factsOf(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** Whether a conditional request found its condition false. */
export function isPreconditionFailed(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return name === 'PreconditionFailed' || status === 412;
}

/** Whether another conditional write of the same key was under way; S3 asks to try again. */
export function isConflict(error: unknown): boolean {
  return factsOf(error).name === 'ConditionalRequestConflict';
}

/** Whether the caller's own signal ended it. */
export function isAbort(error: unknown): boolean {
  return factsOf(error).name === 'AbortError';
}

/**
 * The one place where failures of the SDK get a code. What is ours already, and a cancel, pass untouched.
 * The message names endpoint and bucket and the server's reason; it never holds a key or a signature.
 */
export function storageError(error: unknown, attempt: S3Attempt): Error {
  if (error instanceof PipelineError) return error;
  if (isAbort(error)) return error as Error;
  const facts = factsOf(error);
  const where = `bucket '${attempt.bucket}' at ${attempt.endpoint}`;
  const because = [
    facts.name === 'Error' ? '' : facts.name,
    facts.code,
    facts.status === 0 ? '' : `HTTP ${String(facts.status)}`,
    facts.reason,
  ]
    .filter((part) => part !== '')
    .join(', ');
  const details = { action: attempt.action, endpoint: attempt.endpoint, bucket: attempt.bucket, reason: because };
  const failed = (code: PipelineError['code'], next: string) =>
    new PipelineError(code, `Cannot ${attempt.action} (${where}): ${because}. ${next}`, { details, cause: error });

  if (isDiskFull(error)) {
    return failed('RESOURCE_DISK', 'Free some space on the disk that holds SHOTLINE_SCRATCH and SHOTLINE_CACHE.');
  }
  if (facts.name === 'NoSuchBucket') {
    return failed('STORAGE_DENIED', 'Create the bucket, or set SHOTLINE_S3_BUCKET to one that exists.');
  }
  if (facts.status === 403 || facts.status === 401 || facts.name === 'CredentialsProviderError') {
    return failed(
      'STORAGE_DENIED',
      'Check SHOTLINE_S3_ACCESS_KEY_ID, SHOTLINE_S3_SECRET_ACCESS_KEY and what the key may do.',
    );
  }
  const trust = trustAdvice[facts.code];
  if (trust !== undefined) return failed(trust.code, trust.next);
  if (/^ERR_SSL_|^EPROTO$/.test(facts.code))
    return failed('STORAGE_DENIED', 'Name the port that speaks what SHOTLINE_S3_ENDPOINT says, http:// or https://.');
  if (facts.status >= 500 && attempt.disk !== undefined && isFullForServer(attempt.disk)) {
    return failed('RESOURCE_DISK', `The disk is full: ${spaceOn(attempt.disk)}. Free space there.`);
  }
  const passing =
    networkCodes.has(facts.code) ||
    facts.status >= 500 ||
    facts.status === 429 ||
    patienceNames.has(facts.name) ||
    facts.name.endsWith('TimeoutError');
  if (passing)
    return failed('STORAGE_UNAVAILABLE', 'Check that the S3 server runs and that SHOTLINE_S3_ENDPOINT points to it.');
  if (facts.status >= 400) return failed('STORAGE_DENIED', 'The server refuses the request itself; see its log.');
  return failed('INTERNAL', 'This is not a failure that Shotline knows; please report it with the stack.');
}
