import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { settingProblems } from '../errors/setting-problems.ts';
import { PipelineError } from '../errors/pipeline-error.ts';

/** One ONNX Runtime execution provider. */
export type Device = { readonly kind: 'cpu' } | { readonly kind: 'cuda'; readonly index: number };

/** Settings of an engine: which devices, how many threads, how much memory for sessions. */
export interface EngineConfig {
  /** Devices in the order they are tried. */
  readonly devices: readonly Device[];
  /** Threads inside one operator. */
  readonly threads: number;
  /** Memory that open sessions may hold together, bytes. */
  readonly budgetBytes: number;
  /** The Python that runs graphs as torch modules; absent, ONNX Runtime runs them all. */
  readonly torch?: { readonly python: string };
}

const devicePattern = /^(?:cpu|cuda(?::\d{1,3})?)$/;

/** `cpu` or `cuda:<index>`, as {@link parseDevices} reads it. */
export function deviceName(device: Device): string {
  return device.kind === 'cpu' ? 'cpu' : `cuda:${String(device.index)}`;
}

/**
 * Devices of a comma-separated list such as `cuda:0,cpu`.
 *
 * @throws PipelineError `SETTING_INVALID` when an entry is neither `cpu` nor `cuda:<index>`.
 */
export function parseDevices(list: string): readonly Device[] {
  return list.split(',').map((entry) => {
    const name = entry.trim();
    if (!devicePattern.test(name)) {
      throw new PipelineError(
        'SETTING_INVALID',
        `SHOTLINE_DEVICE names "${name}"; a device is cpu or cuda:<index>, several are tried in order, as in cuda:0,cpu`,
      );
    }
    return name === 'cpu' ? { kind: 'cpu' } : { kind: 'cuda', index: Number(name.split(':')[1] ?? 0) };
  });
}

const schema = z.object({
  SHOTLINE_DEVICE: z.string().default('cpu'),
  SHOTLINE_THREADS: z.coerce.number().int().min(1).max(1024).optional(),
  SHOTLINE_MEMORY_MB: z.coerce.number().int().min(1).default(1500),
  SHOTLINE_ENGINE: z.enum(['onnx', 'torch']).default('onnx'),
  SHOTLINE_PYTHON: z.string().min(1).default('python3'),
});

/**
 * Reads the engine's settings.
 *
 * @throws PipelineError `SETTING_INVALID` when a variable cannot be read.
 */
export function engineConfigFromEnv(env: NodeJS.ProcessEnv = process.env): EngineConfig {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    throw new PipelineError(
      'SETTING_INVALID',
      `the environment is wrong: ${settingProblems(parsed.error.issues).join('; ')}; correct the variables`,
    );
  }
  const { SHOTLINE_DEVICE: devices, SHOTLINE_THREADS: threads, SHOTLINE_MEMORY_MB: megabytes } = parsed.data;
  return {
    devices: parseDevices(devices),
    threads: threads ?? availableParallelism(),
    budgetBytes: megabytes * 2 ** 20,
    ...(parsed.data.SHOTLINE_ENGINE === 'torch' && { torch: { python: parsed.data.SHOTLINE_PYTHON } }),
  };
}

/** The variables that {@link engineConfigFromEnv} reads back to the same settings. */
export function engineConfigToEnv(config: EngineConfig): Record<string, string> {
  return {
    SHOTLINE_DEVICE: config.devices.map(deviceName).join(','),
    SHOTLINE_THREADS: String(config.threads),
    SHOTLINE_MEMORY_MB: String(Math.max(1, Math.floor(config.budgetBytes / 2 ** 20))),
    ...(config.torch === undefined
      ? { SHOTLINE_ENGINE: 'onnx' }
      : { SHOTLINE_ENGINE: 'torch', SHOTLINE_PYTHON: config.torch.python }),
  };
}

/**
 * Settings of glibc's allocator (mallopt(3)). By default its limit for blocks of their own rises with each large block that is
 * freed; pictures then lie among small blocks, in arenas of the encoder's threads, which are new for each segment, and are not
 * given back: at 4K the peak of an engine rose by 20 MiB a segment. With a fixed limit an encoder that is opened ten times ends
 * as small as it began, in the same processor time. `bench/sr-memory.ts` looks at the whole pool.
 */
const allocator = { MALLOC_MMAP_THRESHOLD_: String(2 ** 20) };

const secret = /^(?:AWS_|SHOTLINE_S3_|SHOTLINE_TEMPORAL_|SHOTLINE_ARTIFACT_)/;

/** Environment of an engine process: the worker's own without the keys to S3, Temporal and artifacts, which an engine never needs. */
export function engineEnvironment(config: EngineConfig, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !secret.test(name));
  return { ...allocator, ...Object.fromEntries(kept), ...engineConfigToEnv(config) };
}
