import { availableParallelism } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deviceName, engineConfigFromEnv, engineConfigToEnv, engineEnvironment, parseDevices } from './config.ts';
import type { Device, EngineConfig } from './config.ts';

const device = fc.oneof(
  fc.constant<Device>({ kind: 'cpu' }),
  fc.nat(999).map((index): Device => ({ kind: 'cuda', index })),
);

describe('the devices of an engine', () => {
  test('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.array(device, { minLength: 1, maxLength: 4 }), (devices) => {
        expect(parseDevices(devices.map(deviceName).join(' , '))).toEqual(devices);
      }),
    );
  });

  test('are the first GPU when no number is named', () => {
    expect(parseDevices('cuda')).toEqual([{ kind: 'cuda', index: 0 }]);
  });

  test.each(['', 'gpu', 'cpu:0', 'cuda:', 'cuda:1000', 'cuda:x', 'xcpu', 'cpu,', 'cuda:0 cpu'])(
    'are refused as %j, with what they may be',
    (list) => {
      expect(() => parseDevices(list)).toThrow(/SHOTLINE_DEVICE names ".*"; a device is cpu or cuda:<index>/);
    },
  );
});

describe('the settings of an engine', () => {
  test('are the CPU, all its cores and 1.5 GB when nothing is set', () => {
    expect(engineConfigFromEnv({})).toEqual({
      devices: [{ kind: 'cpu' }],
      threads: availableParallelism(),
      budgetBytes: 1500 * 2 ** 20,
    });
  });

  test('pass through the environment unchanged', () => {
    const settings: fc.Arbitrary<EngineConfig> = fc.record(
      {
        devices: fc.array(device, { minLength: 1, maxLength: 3 }),
        threads: fc.integer({ min: 1, max: 1024 }),
        budgetBytes: fc.integer({ min: 1, max: 100_000 }).map((megabytes) => megabytes * 2 ** 20),
        torch: fc.record({ python: fc.constantFrom('python3', '/opt/torch/bin/python') }),
      },
      { requiredKeys: ['devices', 'threads', 'budgetBytes'] },
    );
    fc.assert(
      fc.property(settings, (config) => {
        expect(engineConfigFromEnv(engineConfigToEnv(config))).toEqual(config);
      }),
    );
  });

  test('never give an engine less than a megabyte, which it would not read back', () => {
    expect(engineConfigToEnv({ devices: [{ kind: 'cpu' }], threads: 1, budgetBytes: 5 })['SHOTLINE_MEMORY_MB']).toBe(
      '1',
    );
  });

  test.each([
    { SHOTLINE_THREADS: '0' },
    { SHOTLINE_THREADS: '1025' },
    { SHOTLINE_THREADS: '1.5' },
    { SHOTLINE_MEMORY_MB: '0' },
    { SHOTLINE_ENGINE: 'tensorflow' },
    { SHOTLINE_PYTHON: '' },
  ])('are refused as %j, by name', (env) => {
    expect(() => engineConfigFromEnv(env)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    expect(() => engineConfigFromEnv(env)).toThrow(Object.keys(env)[0]);
  });
});

test('an engine gets the environment of its worker without the keys to S3 and Temporal', () => {
  const config = engineConfigFromEnv({ SHOTLINE_THREADS: '2' });
  const given = engineEnvironment(config, {
    PATH: '/bin',
    SHOTLINE_CACHE: '/c',
    SHOTLINE_THREADS: '9',
    MY_AWS_NAME: 'mine',
    AWS_SECRET_ACCESS_KEY: 'a',
    SHOTLINE_S3_SECRET_ACCESS_KEY: 'b',
    SHOTLINE_TEMPORAL_API_KEY: 'c',
    SHOTLINE_ARTIFACT_KEY: 'd',
    SHOTLINE_ARTIFACT_KEY_FILE: '/d',
  });
  expect(given).toEqual({
    PATH: '/bin',
    SHOTLINE_CACHE: '/c',
    MY_AWS_NAME: 'mine',
    MALLOC_MMAP_THRESHOLD_: '1048576',
    SHOTLINE_DEVICE: 'cpu',
    SHOTLINE_THREADS: '2',
    SHOTLINE_MEMORY_MB: '1500',
    SHOTLINE_ENGINE: 'onnx',
  });
});
