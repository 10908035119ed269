import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { pictureFault } from './fault.ts';
import { pictureLimits } from './limits.ts';
import { isPublicAddress } from './public-address.ts';

/**
 * Fetches pictures from the web. Invariants:
 * F1 Only https, only hosts that the operator named, at every hop.
 * F2 Every address that DNS gives for a host must be public, and the connection goes to one that was checked: nothing is
 *    looked up between the check and the connection.
 * F3 No more bytes are taken than a picture may have, whatever the headers say; nothing is unpacked.
 */
export interface HttpsRules {
  /** Host names that pictures may come from; `*` is every host. */
  readonly hosts: readonly string[];
  /** Addresses of a host; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Which addresses may be connected to; by default those of the public internet. */
  readonly mayConnect?: (address: string) => boolean;
  /** Certificate authorities besides the system's own, PEM. */
  readonly ca?: string;
}

const maxRedirects = 3;
/** For all hops and the transfer together. */
const patienceMs = 30_000;
const types = ['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/heic', 'image/heif'];

/** Fetches the bytes of a picture. @throws PipelineError `SCRIPT_INVALID` with what was wrong. */
export async function fetchHttps(address: string, rules: HttpsRules): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(patienceMs);
  let url = parse(address);
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const answer = await open(url, rules, signal);
    try {
      const status = answer.statusCode ?? 0;
      if (status === 200) return await readBody(answer, url);
      const location = answer.headers.location;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
        throw pictureFault(`was answered with status ${status} by ${url.hostname}; a picture's server answers 200`);
      }
      url = parse(location, url);
    } finally {
      answer.destroy();
    }
  }
  throw pictureFault(`is redirected more than ${maxRedirects} times; name the picture's own address`);
}

function parse(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
  if (url === null) throw pictureFault('leads to what is no address; correct it');
  if (url.protocol !== 'https:') throw pictureFault(`leads to ${url.protocol}//; only https:// is fetched`);
  if (url.username !== '' || url.password !== '')
    throw pictureFault('carries a user name; addresses with secrets are not fetched');
  return url;
}

async function open(url: URL, rules: HttpsRules, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!rules.hosts.includes('*') && !rules.hosts.includes(host)) {
    throw pictureFault(
      `is on ${host}, which the operator does not allow; copy the picture beside the script, or set SHOTLINE_PICTURE_HOSTS=${host}`,
    );
  }
  const address = await addressOf(host, rules, signal);
  const { promise, resolve, reject } = withResolvers<IncomingMessage>();
  const outgoing = request(
    {
      host: address,
      port: url.port === '' ? 443 : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      // Of the URL, not of the address that was looked up: TLS checks the certificate against it.
      servername: isIP(host) === 0 ? host : '',
      headers: { host: url.host, accept: types.join(', '), 'accept-encoding': 'identity', 'user-agent': 'shotline' },
      agent: false,
      rejectUnauthorized: true,
      signal,
      ...(rules.ca === undefined ? {} : { ca: rules.ca }),
    },
    resolve,
  );
  outgoing.once('error', reject);
  outgoing.end();
  try {
    return await promise;
  } catch (error) {
    throw unreachable(host, error);
  }
}

async function addressOf(host: string, rules: HttpsRules, signal: AbortSignal): Promise<string> {
  const mayConnect = rules.mayConnect ?? isPublicAddress;
  let addresses: readonly string[];
  try {
    addresses = isIP(host) === 0 ? await (rules.resolve ?? systemResolve)(host) : [host];
  } catch (error) {
    throw unreachable(host, error);
  }
  signal.throwIfAborted();
  const [first] = addresses;
  // One private answer among public ones is what an attack looks like, so it spoils them all.
  if (first === undefined || !addresses.every(mayConnect)) {
    throw pictureFault(`leads to ${host}, which is not on the public internet; copy the picture beside the script`);
  }
  return first;
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function readBody(answer: IncomingMessage, url: URL): Promise<Uint8Array> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = answer.headers;
  const kind = type.split(';')[0]!.trim().toLowerCase();
  if (!types.includes(kind)) {
    throw pictureFault(`is of type ${JSON.stringify(kind.slice(0, 60))}; a picture is ${types.join(' or ')}`);
  }
  if (encoding !== 'identity')
    throw pictureFault(`is sent with content-encoding ${encoding.slice(0, 20)}; none was asked for`);
  const tooLarge = `has more than ${pictureLimits.bytes} bytes; save the picture smaller`;
  if (Number(answer.headers['content-length'] ?? 0) > pictureLimits.bytes) throw pictureFault(tooLarge);
  const parts: Buffer[] = [];
  let numBytes = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      numBytes += part.length;
      if (numBytes > pictureLimits.bytes) throw pictureFault(tooLarge);
      parts.push(part);
    }
  } catch (error) {
    if (numBytes > pictureLimits.bytes) throw error;
    throw unreachable(url.hostname, error);
  }
  return Buffer.concat(parts);
}

function unreachable(host: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return pictureFault(`cannot be fetched from ${host}: ${reason.slice(0, 200)}; look at it in a browser, or try again`);
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
