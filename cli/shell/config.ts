import { join, resolve } from 'node:path';
import { z } from 'zod';
import { settingProblems } from '../../errors/setting-problems.ts';
import type { TemporalConfig } from '../../client/temporal-config.ts';
import type { Environment } from '../../storage/config.ts';
import { temporalFields, temporalProblems, temporalSettings } from '../../workers/temporal/temporal-settings.ts';
import { UsageError } from './cli-errors.ts';

/** What the command takes from its environment. */
export interface CliConfig {
  readonly temporal: TemporalConfig;
  /** The environment names a Temporal or a storage: then the command starts no servers and no workers of its own. */
  readonly external: boolean;
  /** Folder with `sets/` and `packages/`. */
  readonly modelsDir: string;
  /** Hosts that pictures may be fetched from by https; `*` is every host. */
  readonly pictureHosts: readonly string[];
  /** Buckets that pictures may be read from; `*` is every bucket. */
  readonly pictureBuckets: readonly string[];
  /** VBench's own prompts, `VBench_full_info.json`; `null` when nobody said where. */
  readonly vbenchSuite: string | null;
}

const text = z.string().trim().min(1);

const environmentSchema = z.object({
  ...temporalFields,
  SHOTLINE_TEMPORAL_UI: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  SHOTLINE_QUEUES: text.regex(/^[\w.-]+$/, 'may hold letters, digits, dot, dash and underscore').default('shotline'),
  SHOTLINE_S3_ENDPOINT: text.optional(),
  SHOTLINE_MODELS: text.optional(),
  SHOTLINE_VBENCH_SUITE: text.optional(),
  SHOTLINE_PICTURE_HOSTS: z
    .string()
    .toLowerCase()
    .transform((value) => value.split(',').map((host) => host.trim()))
    .pipe(z.array(z.string().regex(/^(\*|[a-z0-9.:-]+)$/, 'must be host names with commas between them, or *')))
    .default([]),
  SHOTLINE_PICTURE_BUCKETS: z
    .string()
    .transform((value) => value.split(',').map((bucket) => bucket.trim()))
    .pipe(z.array(z.string().regex(/^(\*|[a-z0-9.-]+)$/, 'must be names of buckets with commas between them, or *')))
    .default([]),
});

/** Reads and checks the environment; `root` is the folder of Shotline itself. @throws UsageError that names every wrong variable, and no value. */
export function cliConfigFromEnv(env: Environment, root: string): CliConfig {
  // A variable that is set to nothing is a variable that is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const problems = parsed.success ? temporalProblems(parsed.data) : settingProblems(parsed.error.issues);
  if (!parsed.success || problems.length > 0) {
    throw new UsageError(`the environment is wrong: ${problems.join('; ')}`);
  }
  const { data } = parsed;
  return {
    temporal: {
      ...temporalSettings(data),
      uiUrl: data.SHOTLINE_TEMPORAL_UI ?? null,
      queues: data.SHOTLINE_QUEUES,
    },
    external: data.SHOTLINE_TEMPORAL_ADDRESS !== undefined || data.SHOTLINE_S3_ENDPOINT !== undefined,
    pictureBuckets: data.SHOTLINE_PICTURE_BUCKETS,
    pictureHosts: data.SHOTLINE_PICTURE_HOSTS,
    vbenchSuite: data.SHOTLINE_VBENCH_SUITE ?? null,
    modelsDir: resolve(data.SHOTLINE_MODELS ?? join(root, 'models')),
  };
}

/** What the environment says of the terminal; it cannot be wrong. */
export function terminalSettings(env: Environment): { readonly noColor: boolean; readonly dumb: boolean } {
  return { noColor: (env['NO_COLOR'] ?? '') !== '', dumb: env['TERM'] === 'dumb' };
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}
