import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { channelTo } from '../temporal/channel.ts';
import { loopback } from './ports.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';

/** Ports of a Temporal dev server. */
export interface TemporalPorts {
  readonly grpc: number;
  readonly ui: number;
  readonly http: number;
  readonly metrics: number;
}

/** Where Temporal would like to be; `http` and `metrics` are nobody's habit. */
export const temporalHomePorts: TemporalPorts = { grpc: 7233, ui: 8233, http: 0, metrics: 0 };

const dynamicConfigFile = fileURLToPath(new URL('../temporal/dynamicconfig.yaml', import.meta.url));
const dynamicConfigSchema = z.record(
  z.string(),
  z.tuple([z.strictObject({ value: z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]) })]),
);

/** Settings of the server by name, one value each. */
export type ServerSettings = Readonly<Record<string, number | boolean | string | readonly string[]>>;

/** The committed server settings. The dev server takes them only on its command line. */
export async function readDynamicConfig(): Promise<ServerSettings> {
  const entries = dynamicConfigSchema.parse(parse(await readFile(dynamicConfigFile, 'utf8')));
  return Object.fromEntries(Object.entries(entries).map(([key, [{ value }]]) => [key, value]));
}

/** How a dev server is started. `dbFile` null keeps everything in memory; `ui` false leaves its web page out. */
export interface TemporalServerOptions {
  readonly ports: TemporalPorts;
  readonly namespace: string;
  readonly dbFile: string | null;
  readonly ui: boolean;
  readonly settings: ServerSettings;
}

/** Arguments of the `temporal` program. */
export function temporalArguments({ ports, namespace, dbFile, ui, settings }: TemporalServerOptions): string[] {
  return [
    'server',
    'start-dev',
    '--log-level',
    'warn',
    '--ip',
    loopback,
    '--port',
    String(ports.grpc),
    '--http-port',
    String(ports.http),
    '--metrics-port',
    String(ports.metrics),
    ...(ui ? ['--ui-ip', loopback, '--ui-port', String(ports.ui), '--ui-disable-news-fetch'] : ['--headless']),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...(dbFile === null ? [] : ['--db-filename', dbFile]),
    ...Object.entries(settings).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...Object.entries(searchAttributes).flatMap(([key, type]) => ['--search-attribute', `${key}=${type}`]),
  ];
}

const answerMs = 2_000;

/** Whether a Temporal answers there and knows the namespace. */
export async function temporalAnswers(address: string, namespace: string): Promise<boolean> {
  // Half a second to load: only for a server that may be there.
  const client = await import('@temporalio/client');
  let connection: Connection | null = null;
  try {
    connection = await client.Connection.connect({ address, connectTimeout: answerMs, ...channelTo(address) });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + answerMs, () => workflowService.describeNamespace({ namespace }));
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
