import { describe, expect, test } from '@jest/globals';
import { metricsAddressesOf, workerConfigFromEnv } from './config.ts';
import { engineConfigFromEnv, engineEnvironment, parseDevices } from '../engine/config.ts';

describe('the settings of a worker', () => {
  test('fit the local stack when nothing is set', () => {
    const config = workerConfigFromEnv({ SHOTLINE_CACHE: '/cache', SHOTLINE_DEVICE: '' });
    expect(config).toMatchObject({
      temporal: { address: '127.0.0.1:7233', namespace: 'default', apiKey: null, tls: null },
      queues: 'shotline',
      scratchRoot: '/cache/scratch',
      checkpointEvery: 4,
      metricsAddress: null,
      logLevel: 'info',
      engine: { devices: [{ kind: 'cpu' }], budgetBytes: 1500 * 2 ** 20 },
    });
  });

  test('turn TLS on with an API key', () => {
    expect(workerConfigFromEnv({ SHOTLINE_TEMPORAL_API_KEY: 'key' }).temporal.tls).not.toBeNull();
    const plain = workerConfigFromEnv({ SHOTLINE_TEMPORAL_API_KEY: 'key', SHOTLINE_TEMPORAL_TLS: 'false' });
    expect(plain.temporal.tls).toBeNull();
  });

  test('name every wrong variable at once, and no value', () => {
    const read = (): unknown =>
      workerConfigFromEnv({ SHOTLINE_CHECKPOINT_EVERY: 'often', SHOTLINE_TEMPORAL_ADDRESS: 'user:secret@host' });
    expect(read).toThrow(/SHOTLINE_TEMPORAL_ADDRESS.*SHOTLINE_CHECKPOINT_EVERY/);
    expect(read).not.toThrow(/secret/);
  });

  test('give the pools of one host metrics at ports of their own', () => {
    const config = workerConfigFromEnv({ SHOTLINE_METRICS_ADDRESS: '0.0.0.0:9464' });
    const pools = ['base', 'interp', 'sr', 'edit'] as const;
    const firstTwo = pools.map((pool) => metricsAddressesOf(config, pool).slice(0, 2));
    expect(firstTwo).toEqual([
      ['0.0.0.0:9464', '0.0.0.0:9468'],
      ['0.0.0.0:9465', '0.0.0.0:9469'],
      ['0.0.0.0:9466', '0.0.0.0:9470'],
      ['0.0.0.0:9467', '0.0.0.0:9471'],
    ]);
    const all = pools.flatMap((pool) => metricsAddressesOf(config, pool));
    expect(new Set(all).size).toBe(4 * 16);
    expect(metricsAddressesOf(workerConfigFromEnv({}), 'sr')).toEqual([]);
    const last = workerConfigFromEnv({ SHOTLINE_METRICS_ADDRESS: '0.0.0.0:65532' });
    expect(metricsAddressesOf(last, 'edit')).toEqual(['0.0.0.0:65535']);
    expect(() => workerConfigFromEnv({ SHOTLINE_METRICS_ADDRESS: 'localhost:65533' })).toThrow(
      /SHOTLINE_METRICS_ADDRESS/,
    );
  });

  test('list devices in the order they are tried', () => {
    expect(parseDevices('cuda, cuda:1 ,cpu')).toEqual([
      { kind: 'cuda', index: 0 },
      { kind: 'cuda', index: 1 },
      { kind: 'cpu' },
    ]);
    expect(() => parseDevices('gpu')).toThrow(/a device is cpu or cuda/);
  });

  test('give an engine its devices and no keys', () => {
    const env = {
      PATH: '/bin',
      AWS_SECRET_ACCESS_KEY: 'a',
      SHOTLINE_S3_SECRET_ACCESS_KEY: 'b',
      SHOTLINE_TEMPORAL_API_KEY: 'c',
    };
    const config = engineConfigFromEnv({
      SHOTLINE_DEVICE: 'cuda:1,cpu',
      SHOTLINE_THREADS: '3',
      SHOTLINE_MEMORY_MB: '64',
    });
    const passed = engineEnvironment(config, env);
    expect(passed).toEqual({
      PATH: '/bin',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      SHOTLINE_DEVICE: 'cuda:1,cpu',
      SHOTLINE_ENGINE: 'onnx',
      SHOTLINE_THREADS: '3',
      SHOTLINE_MEMORY_MB: '64',
    });
    expect(engineConfigFromEnv(passed)).toEqual(config);
  });

  test('give an engine its Python where that runs the models', () => {
    const config = engineConfigFromEnv({ SHOTLINE_ENGINE: 'torch', SHOTLINE_PYTHON: '/opt/torch/bin/python' });
    expect(config.torch).toEqual({ python: '/opt/torch/bin/python' });
    expect(engineConfigFromEnv(engineEnvironment(config, {}))).toEqual(config);
    expect(() => engineConfigFromEnv({ SHOTLINE_ENGINE: 'tensorflow' })).toThrow('SHOTLINE_ENGINE');
  });
});
