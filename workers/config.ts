import { join, resolve } from 'node:path';
import { z } from 'zod';
import { settingProblems } from '../errors/setting-problems.ts';
import { type Pool, pools } from '../story/plan/stages.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { type ArtifactKeys, artifactKeysFromEnv } from '../storage/artifact-key.ts';
import { storageConfigFromEnv } from '../storage/config.ts';
import type { StorageConfig } from '../storage/config.ts';
import { drainFields, drainTimes } from './drain-time.ts';
import type { DrainTimes } from './drain-time.ts';
import { type CredentialSettings, credentialsFromEnv } from '../credentials/config.ts';
import { engineConfigFromEnv, engineEnvironment } from '../engine/config.ts';
import type { EngineConfig } from '../engine/config.ts';
import type { StallLimits } from '../engine/client/watchdog.ts';
import { temporalFields, temporalProblems, temporalSettings } from './temporal/temporal-settings.ts';
import type { TemporalSettings } from './temporal/temporal-settings.ts';

/** Levels of the log, from talkative to silent. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Everything a worker process takes from its environment. */
export interface WorkerConfig {
  readonly temporal: TemporalSettings;
  /** Prefix of the task queues: pool `base` serves `<queues>-base`. */
  readonly queues: string;
  readonly storage: StorageConfig;
  /** By which the worker knows what workers made; `null` believes everybody who can write. */
  readonly artifactKeys: ArtifactKeys | null;
  /** With what the edit pool signs films; `null` signs nothing. */
  readonly credentials: CredentialSettings | null;
  readonly engine: EngineConfig;
  /** Environment of the engine process, without the keys to Temporal and S3. */
  readonly engineEnv: NodeJS.ProcessEnv;
  /** Folder for the files of running tasks. */
  readonly scratchRoot: string;
  /** Denoising steps between two checkpoints in S3; 0 keeps one only when a task is handed back. */
  readonly checkpointEvery: number;
  readonly drain: DrainTimes;
  /** How long an engine may be silent in a job. */
  readonly stall: StallLimits;
  /** `host:port` of the base pool's endpoint for metrics and health, see {@link metricsAddressesOf}; `null` has none. */
  readonly metricsAddress: string | null;
  readonly logLevel: LogLevel;
}

const hostAndPort = z.string().regex(/^[^\s/@]+:\d{1,5}$/, 'must be host:port, for example 127.0.0.1:7233');

const schema = z.object({
  ...temporalFields,
  SHOTLINE_QUEUES: z
    .string()
    .regex(/^[\w.-]+$/, 'may hold letters, digits, dot, dash and underscore')
    .default('shotline'),
  SHOTLINE_SCRATCH: z.string().optional(),
  SHOTLINE_CHECKPOINT_EVERY: z.coerce.number().int().min(0).max(1000).default(4),
  SHOTLINE_STALL_SECONDS: z.coerce.number().min(1).max(86_400).default(120),
  ...drainFields,
  SHOTLINE_METRICS_ADDRESS: hostAndPort
    .refine(
      (address) => Number(address.slice(address.lastIndexOf(':') + 1)) <= 65_532,
      'needs three free ports after its own',
    )
    .optional(),
  SHOTLINE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/**
 * Reads a worker's settings. A variable that is set to nothing counts as not set.
 *
 * @throws PipelineError `SETTING_INVALID` that names every wrong variable, and no value.
 */
export function workerConfigFromEnv(env: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  const problems = parsed.success ? temporalProblems(parsed.data) : settingProblems(parsed.error.issues);
  if (!parsed.success || problems.length > 0) {
    throw new PipelineError(
      'SETTING_INVALID',
      `the worker's environment is wrong: ${problems.join('; ')}; correct the variables`,
      { details: { problems } },
    );
  }
  const { data } = parsed;
  const storage = storageConfigFromEnv(env);
  const engine = engineConfigFromEnv(given);
  return {
    temporal: temporalSettings(data),
    queues: data.SHOTLINE_QUEUES,
    storage,
    artifactKeys: artifactKeysFromEnv(env),
    credentials: credentialsFromEnv(env),
    engine,
    engineEnv: engineEnvironment(engine, env),
    scratchRoot: resolve(data.SHOTLINE_SCRATCH ?? join(storage.cacheDir, 'scratch')),
    checkpointEvery: data.SHOTLINE_CHECKPOINT_EVERY,
    drain: drainTimes(data),
    stall: stallLimits(data.SHOTLINE_STALL_SECONDS),
    metricsAddress: data.SHOTLINE_METRICS_ADDRESS ?? null,
    logLevel: data.SHOTLINE_LOG_LEVEL,
  };
}

/** Opening a model of many gigabytes from a cold disk takes as long as hundreds of steps, so what has no pace yet gets fifteen times as long. */
const stallLimits = (leastSeconds: number): StallLimits => ({
  leastMs: leastSeconds * 1000,
  unknownMs: leastSeconds * 15_000,
  factor: 10,
});

/** Workers of one pool on one host: more devices than a host has. */
const workersOfPool = 16;

/**
 * Where a pool's endpoint for metrics and health may listen, in the order in which ports are tried: base at the port of the setting, interp, sr and
 * edit at the three ports after it, and each further worker of the pool four ports on. So one setting serves all workers of a
 * host. Port 0 takes any free port. None when metrics are off.
 */
export function metricsAddressesOf(
  { metricsAddress }: Pick<WorkerConfig, 'metricsAddress'>,
  pool: Pool,
): readonly string[] {
  if (metricsAddress === null) return [];
  const at = metricsAddress.lastIndexOf(':');
  if (metricsAddress.endsWith(':0')) return [metricsAddress];
  const first = Number(metricsAddress.slice(at + 1)) + pools.indexOf(pool);
  const ports = Array.from({ length: workersOfPool }, (_, index) => first + index * pools.length);
  return ports.filter((port) => port <= 65_535).map((port) => `${metricsAddress.slice(0, at)}:${String(port)}`);
}
