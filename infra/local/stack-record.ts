import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isDiskFull } from '../../errors/disk-full.ts';
import { writeWholeFile } from '../../storage/whole-file.ts';
import { drainTimesFromEnv } from '../../workers/drain-time.ts';
import { makeClosedFolder } from './closed-folder.ts';
import { daemonSchema } from './daemon.ts';

const port = z.int().min(1).max(65_535);
/** How a server was started, see `launchOf`: one of a former release is started anew. */
const launch = z.string().default('');
const schema = z.object({
  version: z.literal(1),
  temporal: z
    .object({
      daemon: daemonSchema.nullable(),
      launch,
      ports: z.object({ grpc: port, ui: port, http: port, metrics: port }),
    })
    .nullable(),
  seaweed: z
    .object({
      daemon: daemonSchema.nullable(),
      launch,
      ports: z.object({
        s3: port,
        s3Grpc: port,
        master: port,
        masterGrpc: port,
        volume: port,
        volumeGrpc: port,
        filer: port,
        filerGrpc: port,
      }),
      keys: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
    })
    .nullable(),
  pools: z.record(
    z.string(),
    z.object({
      daemon: daemonSchema,
      fingerprint: z.string(),
      /** How long this worker may take to end after SIGTERM: its own settings say so. Milliseconds. */
      endMs: z.number().default(drainTimesFromEnv({}).endMs),
    }),
  ),
});

/** What is remembered of the local stack between two commands: processes, ports, keys. Secret. */
export type StackRecord = z.infer<typeof schema>;

const nothing: StackRecord = { version: 1, temporal: null, seaweed: null, pools: {} };
const fileOf = (stackDir: string): string => join(stackDir, 'state.json');

/** The record; an empty one before the first start, and when the file is of another version. */
export async function readStackRecord(stackDir: string): Promise<StackRecord> {
  const text = await readFile(fileOf(stackDir), 'utf8').catch(() => null);
  if (text === null) return nothing;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return nothing;
  }
}

/** Writes the record, whole or not at all, for the owner alone. */
export async function writeStackRecord(stackDir: string, record: StackRecord): Promise<void> {
  await makeClosedFolder(stackDir);
  await writeWholeFile(fileOf(stackDir), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Writes the record after something was stopped, if the disk has room. Without, the old one names processes that are gone, which the
 * next start sees.
 */
export async function rewriteStackRecord(stackDir: string, record: StackRecord): Promise<void> {
  await writeStackRecord(stackDir, record).catch((error: unknown) => {
    if (!isDiskFull(error)) throw error;
  });
}
