import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemCode } from '../errors/system-code.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { StorageConfig } from '../storage/config.ts';
import { sourceFault } from './source-fault.ts';
import { missing, pathInFolder } from './source-path.ts';
import type { SourceNoun } from './source-path.ts';

/** Where the files of a script may come from. */
export interface FileSources {
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Whether paths may lead out of the folder. */
  readonly allowOutside: boolean;
  /** Buckets that `s3://` addresses may lead to; `*` is every bucket. */
  readonly buckets: readonly string[];
  /** Where `s3://` leads to; `null` when no storage is there to ask. */
  readonly storage: () => Promise<StorageConfig | null>;
}

/** What is read, for messages, and how large it may be. */
export interface SourceRule {
  readonly noun: SourceNoun;
  /** Bytes of a file. */
  readonly bytes: number;
}

const s3Address = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;

/**
 * Reads the bytes behind the name of a file in a script: a path, or `s3://<bucket>/<key>`.
 * @throws PipelineError `SCRIPT_INVALID` when there is nothing to read, `STORAGE_UNAVAILABLE` when S3 does not answer.
 */
export async function readSource(source: string, sources: FileSources, rule: SourceRule): Promise<Uint8Array> {
  if (/^s3:\/\//i.test(source)) return readObject(source, sources, rule);
  const { folder, allowOutside } = sources;
  return readLocal(allowOutside ? resolve(folder, source) : await pathInFolder(folder, source, rule.noun), rule);
}

async function readLocal(path: string, rule: SourceRule): Promise<Uint8Array> {
  let file;
  try {
    // To open a pipe that nobody writes to would wait for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw missing(systemCode(error) ?? 'no reason given');
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw sourceFault(`is ${kindOf(stats)}; name a ${rule.noun} file`);
    refuseLarge(stats.size, rule);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** What is no file. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
}

async function readObject(source: string, { buckets, storage }: FileSources, rule: SourceRule): Promise<Uint8Array> {
  const [, bucket, key] = s3Address.exec(source) ?? [];
  if (bucket === undefined || key === undefined) throw sourceFault('is no S3 address; write s3://bucket/key');
  if (!buckets.includes('*') && !buckets.includes(bucket)) {
    throw sourceFault(
      `is in bucket ${bucket}, which the operator does not allow; copy the ${rule.noun} beside the script, or set SHOTLINE_PICTURE_BUCKETS=${bucket}`,
    );
  }
  const config = await storage();
  if (config === null) throw sourceFault('needs a storage and none runs; start it with `shotline stack up`');
  const { connectObjectStore } = await import('../storage/object-store.ts');
  const objects = connectObjectStore({ ...config, bucket });
  try {
    const found = await objects.get(key);
    if (found === null) throw sourceFault(`is not in bucket ${bucket}; upload it there, or correct the address`);
    refuseLarge(found.info.bytes, rule, () => found.body.destroy());
    const parts: Buffer[] = [];
    for await (const part of found.body as AsyncIterable<Buffer>) parts.push(part);
    return Buffer.concat(parts);
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'STORAGE_DENIED') throw error;
    throw sourceFault(`cannot be read: ${error.message}`);
  } finally {
    objects.close();
  }
}

function refuseLarge(numBytes: number, { noun, bytes }: SourceRule, letGo: () => void = () => undefined): void {
  if (numBytes <= bytes) return;
  letGo();
  throw sourceFault(`has ${numBytes} bytes; a ${noun} has at most ${bytes}; save it smaller`);
}
