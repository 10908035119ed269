import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { systemCode } from '../../errors/system-code.ts';
import type { TlsFiles } from './temporal-settings.ts';
import type { TlsContents } from './tls-files.ts';

/** How long the server may take for the handshake and its first word. */
const limitMs = 5_000;

/** What gRPC says first; the server's answer shows that it takes our certificate, which TLS 1.3 does not tell before. */
const hello = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** What is wrong with clear text. */
const encrypted =
  'the server there speaks TLS; set SHOTLINE_TEMPORAL_TLS=true, and SHOTLINE_TEMPORAL_TLS_CA if its authority is your own';

/** A server as its certificate names it. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** As OpenSSL writes it: `DNS:temporal, IP Address:10.0.0.1`. */
  readonly names: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/**
 * Finds out what is wrong with TLS between here and a Temporal that did not answer, for neither SDK says it: shakes hands
 * once with the same files. `files` null is a connection in clear text. `null` when TLS is not at fault, or not alone.
 */
export async function findTlsFault(
  address: string,
  files: TlsFiles | null,
  contents: TlsContents,
): Promise<string | null> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const serverName = files?.serverName ?? host;
  const { serverRootCACertificate: ca, clientCertPair } = contents;
  const socket = connect({
    host,
    port: Number(address.slice(at + 1)),
    ALPNProtocols: ['h2'],
    // An address is no server name; Node checks it against the certificate all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertPair === undefined ? {} : { cert: clientCertPair.crt, key: clientCertPair.key }),
    // Verified below: a socket that refuses by itself forgets the certificate, and we want to tell whose it was.
    rejectUnauthorized: false,
  });
  try {
    const code = await firstFault(socket, files !== null);
    if (files === null) return code === null ? encrypted : null;
    return code === null ? null : tlsFaultOf(code, { ...files, serverName }, shown(socket));
  } finally {
    socket.destroy();
  }
}

/** The code by which the connection fails; `null` when it does not, or nobody says anything in time. */
function firstFault(socket: TLSSocket, untilAnswer: boolean): Promise<string | null> {
  let isShaken = false;
  return new Promise((resolve) => {
    socket.setTimeout(limitMs, () => {
      resolve(null);
    });
    socket.once('error', (error: Error) => {
      resolve(systemCode(error) ?? error.message);
    });
    socket.once('close', () => {
      resolve(isShaken ? hungUp : null);
    });
    socket.once('data', () => {
      resolve(null);
    });
    socket.once('secureConnect', () => {
      // Typed as an error, and yet the code alone for most faults.
      isShaken = true;
      const refusal: unknown = socket.authorizationError;
      if (!untilAnswer) resolve(null);
      else if (refusal !== undefined && refusal !== null)
        resolve(typeof refusal === 'string' ? refusal : (systemCode(refusal) ?? 'unverified'));
      else socket.write(hello);
    });
  });
}

function shown(socket: TLSSocket): ShownCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const line = (name: string): string => name.replaceAll('\n', ', ');
  const { subject, issuer, subjectAltName = 'none', validFrom, validTo } = certificate;
  return { subject: line(subject), issuer: line(issuer), names: subjectAltName, validFrom, validTo };
}

/** Not a code of Node's: the server ended the connection after the handshake and gave no reason. */
const hungUp = 'HUNG_UP';

const notTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/;
const unknownIssuer = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** What a code of Node's or OpenSSL's means here, and what to do about it; `null` when it is none of TLS. */
export function tlsFaultOf(
  code: string,
  { ca, cert, serverName }: TlsFiles,
  server: ShownCertificate | null,
): string | null {
  const theirs = server === null ? "the server's certificate" : `the server's certificate (${server.subject})`;
  if (unknownIssuer.has(code)) {
    const trusted = ca === null ? 'none of the authorities of this system' : `none of those in ${JSON.stringify(ca)}`;
    return `${theirs} was issued by ${server?.issuer ?? 'an unknown authority'}, which is ${trusted}; set SHOTLINE_TEMPORAL_TLS_CA to the PEM file of the authority that issued it`;
  }
  if (code === 'CERT_HAS_EXPIRED')
    return `${theirs} has expired (${server?.validTo ?? 'before today'}); renew it at the server`;
  if (code === 'CERT_NOT_YET_VALID')
    return `${theirs} is not valid before ${server?.validFrom ?? 'a later day'}; compare the clocks of both machines`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${theirs} is for ${server?.names ?? 'other names'} and not for ${serverName ?? 'this host'}; use an address with that name, or set SHOTLINE_TEMPORAL_TLS_SERVER_NAME to one of them`;
  if (notTls.test(code))
    return 'the server there does not speak TLS; use the port that does, or set SHOTLINE_TEMPORAL_TLS=false';
  if (/ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|NO_CERTIFICATE)/.test(code) && cert === null)
    return 'the server asks for a certificate of ours, and none is set; set SHOTLINE_TEMPORAL_TLS_CERT and SHOTLINE_TEMPORAL_TLS_KEY';
  if (/ALERT|BAD_CERTIFICATE/.test(code))
    return cert === null
      ? `the server refuses the connection (${code}); it may ask for a certificate of ours: SHOTLINE_TEMPORAL_TLS_CERT and SHOTLINE_TEMPORAL_TLS_KEY`
      : `the server refuses our certificate ${JSON.stringify(cert)} (${code}); have it issued by an authority that the server trusts`;
  if (code === hungUp) {
    return cert === null
      ? 'the server hangs up after the handshake; it may ask for a certificate of ours: SHOTLINE_TEMPORAL_TLS_CERT and SHOTLINE_TEMPORAL_TLS_KEY'
      : `the server hangs up after it saw our certificate ${JSON.stringify(cert)}; have it issued by an authority that the server trusts`;
  }
  return null;
}
