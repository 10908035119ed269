import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from './problem.ts';

/** What of a request decides whether it may enter. */
export interface Visitor {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Browsers that may be let in at once; the oldest leaves when one more comes. */
const maxSessions = 32;
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * The door of a server for one person on one machine. Invariants:
 * G1. Nothing is answered under another host's name: a page that makes its own name point here (DNS rebinding) gets nothing.
 * G2. No page of another origin reads or changes anything, whatever its browser sends along.
 * G3. Everything but the one-time link needs the key, or the cookie of a browser that used such a link.
 */
export class Door {
  /** For programs: `Authorization: Bearer <key>`. Secret. */
  readonly key: string;
  /** Name of the cookie; it has the port, for browsers send cookies to all ports of a host. */
  readonly cookieName: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #tickets = new Set<string>();
  #sessions: readonly string[] = [];
  #onAdmitted: () => void = () => undefined;

  /** @param port Where the server listens, on loopback. */
  constructor(port: number, key = `slk_local_${secret()}`) {
    this.key = key;
    this.cookieName = `shotline_${String(port)}`;
    const names = ['127.0.0.1', 'localhost', '[::1]'];
    // Clients leave the port out of the name where it is the usual one.
    const hosts = names.flatMap((name) => [`${name}:${String(port)}`, ...(port === 80 ? [name] : [])]);
    this.#hosts = new Set(hosts);
    this.#origins = new Set(hosts.map((host) => `http://${host}`));
  }

  /** A ticket that lets one browser in, once. Secret. */
  ticket(): string {
    const ticket = secret();
    this.#tickets.add(digest(ticket));
    return ticket;
  }

  /** Headers of what the server asks itself. Secret. */
  ownHeaders(): Readonly<Record<string, string>> {
    return { host: [...this.#hosts][0] ?? '', authorization: `Bearer ${this.key}` };
  }

  /** Hears when a browser was let in. */
  onAdmitted(listener: () => void): void {
    this.#onAdmitted = listener;
  }

  /** Takes a ticket for a cookie's value; `null` for one that was used, or never was. */
  admit(ticket: string): string | null {
    if (!this.#tickets.delete(digest(ticket))) return null;
    const session = secret();
    this.#sessions = [...this.#sessions, digest(session)].slice(-maxSessions);
    this.#onAdmitted();
    return session;
  }

  /** Whether a request comes from a browser that was let in. */
  knows(headers: IncomingHttpHeaders): boolean {
    const session = cookieOf(headers.cookie, this.cookieName);
    return session !== null && this.#sessions.some((known) => equal(known, digest(session)));
  }

  /**
   * Lets a request pass, or not. @throws RequestError `HOST_UNKNOWN`, `ORIGIN_FOREIGN`, `KEY_MISSING`.
   */
  check({ method, path, headers }: Visitor): void {
    if (!this.#hosts.has((headers.host ?? '').toLowerCase())) {
      throw new RequestError(
        'HOST_UNKNOWN',
        `the request names the host ${JSON.stringify((headers.host ?? '').slice(0, 80))}; this server answers on this machine alone, as ${[...this.#hosts][0] ?? ''}`,
        'use the link that `shotline serve` printed',
      );
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const isVisit = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && !path.startsWith('/v1/');
    const isForeign =
      (origin !== undefined && !this.#origins.has(origin.toLowerCase())) ||
      (site !== undefined && site !== 'same-origin' && site !== 'none' && !isVisit);
    if (isForeign) {
      throw new RequestError(
        'ORIGIN_FOREIGN',
        'the request comes from a page of another origin; only its own page may ask',
      );
    }
    if (isOpen(path)) return;
    const given = bearerOf(headers);
    if (given !== null) {
      if (equal(digest(given), digest(this.key))) return;
      throw new RequestError('KEY_MISSING', 'the key is not the one of this server', keyNext);
    }
    // A browser always says where a change comes from; a request that does not is no browser, and needs the key.
    const isOwn = safeMethods.has(method) || origin !== undefined || site === 'same-origin';
    if (isOwn && this.knows(headers)) return;
    throw new RequestError('KEY_MISSING', 'the request has neither the key nor the cookie of this server', keyNext);
  }
}

const keyNext = 'open the link that `shotline serve` printed, or send its key: `Authorization: Bearer slk_…`';

/** What needs no key: the way in. */
const isOpen = (path: string): boolean => path === '/open';

const secret = (): string => randomBytes(24).toString('base64url');
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function bearerOf(headers: IncomingHttpHeaders): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const own = headers['x-api-key'];
  return bearer ?? (typeof own === 'string' ? own : null);
}

function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=');
    if (key === name && value !== undefined) return value;
  }
  return null;
}
