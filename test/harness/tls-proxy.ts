import { connect as connectHttp2, constants, createSecureServer } from 'node:http2';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Identity } from './certificates.ts';

/** A door of TLS before a server that speaks in clear text. */
export interface TlsProxy {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Connections that got in. */
  readonly numAdmitted: number;
  close(): void;
}

/** How the door is kept. */
export interface TlsProxyOptions {
  /** `host:port` behind the door. */
  readonly target: string;
  readonly identity: Identity;
  /** Authority of the certificates that callers must show; none are asked for without it. */
  readonly callers?: string;
}

/** Ends TLS and passes bytes on, as a load balancer does: HTTP/1.1 and gRPC alike. */
export async function startTlsProxy({ target, identity, callers }: TlsProxyOptions): Promise<TlsProxy> {
  const [host, port] = target.split(':') as [string, string];
  let numAdmitted = 0;
  const open = new Set<Socket>();
  const server = createServer(
    {
      ...identity,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(callers === undefined ? {} : { requestCert: true, rejectUnauthorized: true, ca: callers }),
    },
    (caller) => {
      numAdmitted += 1;
      const onward = connect(Number(port), host);
      for (const socket of [caller, onward]) {
        open.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          open.delete(socket);
          caller.destroy();
          onward.destroy();
        });
      }
      caller.pipe(onward).pipe(caller);
    },
  );
  return {
    ...(await listening(server)),
    get numAdmitted() {
      return numAdmitted;
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The same for gRPC alone, with a key that each call must carry, as Temporal Cloud asks for one. */
export async function startKeyProxy(target: string, identity: Identity, apiKey: string): Promise<TlsProxy> {
  let numAdmitted = 0;
  const onward = connectHttp2(`http://${target}`);
  onward.on('error', () => undefined);
  const server: Http2Server = createSecureServer(identity);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    if (headers.authorization !== `Bearer ${apiKey}`) {
      refuse(stream);
      return;
    }
    numAdmitted += 1;
    passOn(stream, onward.request(headers));
  });
  return {
    ...(await listening(server)),
    get numAdmitted() {
      return numAdmitted;
    },
    close: () => {
      onward.destroy();
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** `UNAUTHENTICATED` of gRPC. */
function refuse(stream: ServerHttp2Stream): void {
  const grpc = { 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'no such key' };
  stream.respond({ [constants.HTTP2_HEADER_STATUS]: 200, ...grpc }, { endStream: true });
}

function passOn(stream: ServerHttp2Stream, onward: ReturnType<ReturnType<typeof connectHttp2>['request']>): void {
  let trailers: IncomingHttpHeaders = {};
  onward.on('response', (headers, flags) => {
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(headers, { endStream: true });
      return;
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
    onward.pipe(stream);
  });
  onward.on('trailers', (found: IncomingHttpHeaders) => (trailers = found));
  for (const one of [stream, onward]) one.on('error', () => undefined);
  stream.on('close', () => {
    onward.close();
  });
  stream.pipe(onward);
}

async function listening(server: Server | Http2Server): Promise<{ readonly address: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}
