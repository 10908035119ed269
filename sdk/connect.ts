import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { connectTemporal } from '../client/connect.ts';
import type { TemporalConfig } from '../client/temporal-config.ts';
import { Door } from '../serve/door.ts';
import { createServer } from '../serve/server.ts';
import { packageRoot } from './package-root.ts';
import { Shotline } from './shotline.ts';
import type { Transport } from './transport.ts';

/** Where Temporal and the storage are. */
export interface Servers {
  readonly temporal: {
    /** `host:port`. */
    readonly address: string;
    readonly namespace?: string;
    /** Secret. */
    readonly apiKey?: string;
    readonly tls?: TemporalConfig['tls'];
    /** Prefix of the task queues. */
    readonly queues?: string;
  };
  readonly s3: {
    /** Address of the server; without it, AWS. */
    readonly endpoint?: string;
    readonly region?: string;
    readonly bucket?: string;
    readonly accessKeyId?: string;
    /** Secret. */
    readonly secretAccessKey?: string;
  };
  /** Folder with `sets/` and `packages/`; those of this package when absent. */
  readonly modelsDir?: string;
}

/**
 * The interface within this process: it listens to nobody.
 * @throws PipelineError `STACK_UNAVAILABLE`, `SETTING_INVALID`.
 */
export async function connectServers({ temporal, s3, modelsDir }: Servers): Promise<Shotline> {
  const root = packageRoot();
  const config: TemporalConfig = {
    address: temporal.address,
    namespace: temporal.namespace ?? 'default',
    apiKey: temporal.apiKey ?? null,
    tls: temporal.tls ?? null,
    uiUrl: null,
    queues: temporal.queues ?? 'shotline',
  };
  const env = {
    SHOTLINE_S3_ENDPOINT: s3.endpoint,
    SHOTLINE_S3_REGION: s3.region,
    SHOTLINE_S3_BUCKET: s3.bucket,
    SHOTLINE_S3_ACCESS_KEY_ID: s3.accessKeyId,
    SHOTLINE_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const client = await connectTemporal(config);
  const door = new Door(0);
  const server = await createServer({
    client,
    temporal: config,
    env,
    door,
    root,
    version,
    modelsDir: modelsDir ?? join(root, 'models'),
    pictureHosts: [],
    pictureBuckets: [],
    log: pino({ level: 'silent' }),
  });
  await server.ready();
  const transport: Transport = {
    async send({ method, path, headers = {}, body, signal }) {
      const answer = await server.inject({
        method,
        url: path,
        headers: { ...door.ownHeaders(), ...headers },
        payloadAsStream: true,
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = (name: string): string | null => {
        const value = answer.headers[name];
        return value === undefined ? null : String(value);
      };
      return { status: answer.statusCode, headers: { get: text }, body: answer.stream() };
    },
    async close() {
      await server.close();
      await client.connection.close();
    },
  };
  return new Shotline(transport);
}
