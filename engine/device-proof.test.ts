import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Device } from './config.ts';
import { proveDevice } from './device-proof.ts';
import { OrtSession } from './ort-session.ts';
import type { TorchHost } from './torch-host.ts';

const [cpu, gpu, secondGpu]: readonly Device[] = [
  { kind: 'cpu' },
  { kind: 'cuda', index: 0 },
  { kind: 'cuda', index: 1 },
] as const;

const heard: string[] = [];
const source = (...devices: (Device | undefined)[]) => ({
  devices: devices.flatMap((device) => device ?? []),
  threads: 1,
  onFallback: (device: string, reason: string) => {
    heard.push(`${device}: ${reason}`);
  },
});
afterEach(() => {
  heard.length = 0;
  jest.restoreAllMocks();
});

test('the CPU computes the product that is known, and says its name', async () => {
  expect(await proveDevice(source(cpu), null)).toBe('cpu');
  expect(heard).toEqual([]);
});

test('a device that cannot be used here is passed over and told', async () => {
  expect(await proveDevice(source(gpu, cpu), null)).toBe('cpu');
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatch(/^cuda:0: cuda:0: .*(no cuda provider|Failed to load)/);
});

test('a device with one wrong number is refused, with the element, both values and the next step', async () => {
  const value = (row: number, column: number): number => (((row * 16 + column) * 7) % 11) - 5;
  const data = Float32Array.from({ length: 256 }, (_, index) =>
    Array.from({ length: 16 }, (_unused, inner) => value(index >> 4, inner) * value(inner, index & 15)).reduce(
      (sum, each) => sum + each,
    ),
  );
  const answers = jest.spyOn(OrtSession.prototype, 'run');
  answers.mockImplementation(() => Promise.resolve({ y: { type: 'float32', shape: [16, 16], data } }));
  expect(await proveDevice(source(cpu), null)).toBe('cpu');
  data[0]! += 1;
  await expect(proveDevice(source(cpu), null)).rejects.toMatchObject({
    message: expect.stringMatching(/element 0 of a known product/) as unknown,
  });
  data[0]! -= 1;
  data[37]! += 1;
  await expect(proveDevice(source(cpu), null)).rejects.toMatchObject({
    code: 'RESOURCE_ENGINE',
    message: expect.stringMatching(
      /^cpu computes wrong numbers: element 37 of a known product is -?\d+ and must be -?\d+; take the device out/,
    ) as unknown,
  });
});

describe('in torch', () => {
  /** A torch process that refuses some devices. */
  const torch = (refused: Readonly<Record<string, Error>>): { host: TorchHost; asked: unknown[] } => {
    const asked: unknown[] = [];
    const ask = (question: { readonly device: string }): Promise<unknown> => {
      asked.push(question);
      const error = refused[question.device];
      return error === undefined ? Promise.resolve({}) : Promise.reject(error);
    };
    return { host: { ask } as unknown as TorchHost, asked };
  };
  const busy = new PipelineError('RESOURCE_ENGINE', 'the driver is away');

  test('the first device that computes is taken, those before it are told', async () => {
    const { host, asked } = torch({ 'cuda:0': busy });
    expect(await proveDevice(source(gpu, secondGpu, cpu), host)).toBe('cuda:1 in torch');
    expect(asked).toEqual([
      { kind: 'prove', device: 'cuda:0' },
      { kind: 'prove', device: 'cuda:1' },
    ]);
    expect(heard).toEqual(['cuda:0: the driver is away']);
  });

  test('the failure of the last device is that of the proof, and is not told twice', async () => {
    await expect(proveDevice(source(gpu, secondGpu), torch({ 'cuda:0': busy, 'cuda:1': busy }).host)).rejects.toBe(
      busy,
    );
    expect(heard).toEqual(['cuda:0: the driver is away']);
  });

  test('an error that is none of a device ends the proof', async () => {
    const bug = new TypeError('x is not a function');
    await expect(proveDevice(source(gpu, cpu), torch({ 'cuda:0': bug }).host)).rejects.toBe(bug);
    expect(heard).toEqual([]);
  });

  test('no device at all is refused', async () => {
    await expect(proveDevice(source(), torch({}).host)).rejects.toMatchObject({ code: 'RESOURCE_ENGINE' });
  });
});
