import { join } from 'node:path';
import { cacheDirFromEnv } from '../../storage/config.ts';
import type { Environment } from '../../storage/config.ts';
import { artifactKeyEnvironment } from './artifact-key.ts';

/** Where the local stack lives and which of its parts the environment replaces. */
export interface StackConfig {
  readonly cacheDir: string;
  /** Data, logs, process ids and `state.json`. */
  readonly stackDir: string;
  /** Address of a Temporal of the user's own, which wins; `null` starts one. */
  readonly temporalAddress: string | null;
  readonly namespace: string;
  /** Endpoint of an S3 server of the user's own, which wins; `null` starts one. */
  readonly s3Endpoint: string | null;
  readonly bucket: string;
  readonly region: string;
  /** Folders in which programs are looked for. */
  readonly path: string;
}

/** Reads the part of the environment that matters to the local stack. Nothing in it can be wrong here. */
export function stackConfigFromEnv(env: Environment): StackConfig {
  const given = (name: string): string | null => {
    const value = env[name];
    return value === undefined || value === '' ? null : value;
  };
  const cacheDir = cacheDirFromEnv(env);
  return {
    cacheDir,
    stackDir: join(cacheDir, 'stack'),
    temporalAddress: given('SHOTLINE_TEMPORAL_ADDRESS'),
    namespace: given('SHOTLINE_TEMPORAL_NAMESPACE') ?? 'default',
    s3Endpoint: given('SHOTLINE_S3_ENDPOINT'),
    bucket: given('SHOTLINE_S3_BUCKET') ?? 'shotline',
    region: given('SHOTLINE_S3_REGION') ?? 'us-east-1',
    path: given('PATH') ?? '',
  };
}

/** What a server of the stack gets of our environment: it must not find keys or settings meant for something else. */
export function serverEnvironment(config: StackConfig): Record<string, string> {
  return { PATH: config.path, HOME: config.stackDir, LANG: 'C.UTF-8' };
}

/** What a worker process gets: the caller's environment with the stack's addresses and the place of its key in it. */
export function workerEnvironment(env: Environment, stack: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { stackDir } = stackConfigFromEnv(env);
  return { ...Object.fromEntries(given), ...artifactKeyEnvironment(env, stackDir), ...stack };
}
