import { Readable } from 'node:stream';

/** A request to the HTTP interface. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** From the root of the server: `/v1/stories`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** What it is answered; redirects are not followed. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  /** The body as it comes. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** How a client reaches the interface: over the network, or within its own process. */
export interface Transport {
  /** Asks. @throws Error when nobody answers. */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}

/**
 * Over the network.
 * @param url Address of `shotline serve`.
 * @param key Its key, or that of a tenant. Secret.
 */
export function fetchTransport(url: string, key: string): Transport {
  const base = url.replace(/\/+$/, '');
  return {
    async send({ method, path, headers = {}, body, signal }) {
      const response = await fetch(base + path, {
        method,
        redirect: 'manual',
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body === undefined ? {} : { body: body as string }),
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: response.status, headers: response.headers, body: response.body ?? Readable.from([]) };
    },
    close: () => Promise.resolve(),
  };
}

/** The whole of a body. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
