import { z } from 'zod';

/** Files by which a connection to Temporal is secured; `null` where the usual holds. */
export interface TlsFiles {
  /** PEM file of the authorities that may have signed the server's certificate; `null` trusts those of the system. */
  readonly ca: string | null;
  /** PEM file of our own certificate, with those between it and its authority; `null` shows none. */
  readonly cert: string | null;
  /** PEM file of the private key of `cert`; both or neither. */
  readonly key: string | null;
  /** Name that the server's certificate must have; `null` is the host of the address. */
  readonly serverName: string | null;
}

/** How a process reaches Temporal. */
export interface TemporalSettings {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Secret: never printed or logged. */
  readonly apiKey: string | null;
  /** `null` speaks in clear text. */
  readonly tls: TlsFiles | null;
}

const flag = z
  .enum(['1', '0', 'true', 'false', 'yes', 'no'])
  .transform((value) => value === '1' || value === 'true' || value === 'yes');
const text = z.string().trim().min(1);

/** The variables of a connection to Temporal, for the schema of a process; an empty variable must have been taken out. */
export const temporalFields = {
  SHOTLINE_TEMPORAL_ADDRESS: text
    .regex(/^[^\s/@]+:\d{1,5}$/, 'must be host:port, for example temporal.example.org:7233')
    .optional(),
  SHOTLINE_TEMPORAL_NAMESPACE: text.default('default'),
  SHOTLINE_TEMPORAL_API_KEY: text.optional(),
  SHOTLINE_TEMPORAL_TLS: flag.optional(),
  SHOTLINE_TEMPORAL_TLS_CA: text.optional(),
  SHOTLINE_TEMPORAL_TLS_CERT: text.optional(),
  SHOTLINE_TEMPORAL_TLS_KEY: text.optional(),
  SHOTLINE_TEMPORAL_TLS_SERVER_NAME: text.regex(/^[\w.-]+$/, 'must be a host name').optional(),
};

/** The variables as {@link temporalFields} gives them. */
export type TemporalVariables = z.infer<z.ZodObject<typeof temporalFields>>;

/** What is wrong with the variables together, one line each: a key without its certificate, files although TLS is off. */
export function temporalProblems(given: TemporalVariables): readonly string[] {
  const { SHOTLINE_TEMPORAL_TLS_CERT: cert, SHOTLINE_TEMPORAL_TLS_KEY: key } = given;
  const problems: string[] = [];
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    problems.push(
      `SHOTLINE_TEMPORAL_TLS_${missing}: is missing beside SHOTLINE_TEMPORAL_TLS_${there}; a client shows a certificate and proves it by its key, so set both`,
    );
  }
  const extras = tlsExtras(given);
  if (given.SHOTLINE_TEMPORAL_TLS === false && extras.length > 0)
    problems.push(`SHOTLINE_TEMPORAL_TLS: is off, but ${extras.join(', ')} is set; take out the one or the other`);
  return problems;
}

/** The settings that the variables come to. TLS is on when it is asked for, and when a key or a file of it is named. */
export function temporalSettings(given: TemporalVariables): TemporalSettings {
  const {
    SHOTLINE_TEMPORAL_TLS_CA: ca = null,
    SHOTLINE_TEMPORAL_TLS_CERT: cert = null,
    SHOTLINE_TEMPORAL_TLS_KEY: key = null,
    SHOTLINE_TEMPORAL_TLS_SERVER_NAME: serverName = null,
  } = given;
  // An API key without TLS would travel in clear text.
  const isOn =
    given.SHOTLINE_TEMPORAL_TLS ?? (given.SHOTLINE_TEMPORAL_API_KEY !== undefined || tlsExtras(given).length > 0);
  return {
    address: given.SHOTLINE_TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
    namespace: given.SHOTLINE_TEMPORAL_NAMESPACE,
    apiKey: given.SHOTLINE_TEMPORAL_API_KEY ?? null,
    tls: isOn ? { ca, cert, key, serverName } : null,
  };
}

const tlsExtras = (given: TemporalVariables): readonly string[] =>
  (
    [
      'SHOTLINE_TEMPORAL_TLS_CA',
      'SHOTLINE_TEMPORAL_TLS_CERT',
      'SHOTLINE_TEMPORAL_TLS_KEY',
      'SHOTLINE_TEMPORAL_TLS_SERVER_NAME',
    ] as const
  ).filter((name) => given[name] !== undefined);
