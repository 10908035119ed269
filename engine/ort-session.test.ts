import { describe, expect, test } from '@jest/globals';
import { OrtSession } from './ort-session.ts';
import type { SessionSource } from './ort-session.ts';

/** Graphs of opset 13 with one node, of `n` values. */
const graphs = {
  /** `y = Cast(x)`, x float32. */
  int64: 'CAgSADpAChcKAXgSAXkiBENhc3QqCQoCdG8YB6ABAhIBZ1oQCgF4EgsKCQgBEgUKAxIBbmIQCgF5EgsKCQgHEgUKAxIBbkIECgAQDQ==',
  uint8: 'CAgSADpAChcKAXgSAXkiBENhc3QqCQoCdG8YAqABAhIBZ1oQCgF4EgsKCQgBEgUKAxIBbmIQCgF5EgsKCQgCEgUKAxIBbkIECgAQDQ==',
  float64: 'CAgSADpAChcKAXgSAXkiBENhc3QqCQoCdG8YC6ABAhIBZ1oQCgF4EgsKCQgBEgUKAxIBbmIQCgF5EgsKCQgLEgUKAxIBbkIECgAQDQ==',
  /** `y = t[i]`, t three float32, i one int64. */
  gather:
    'CAgSADpJChEKAXQKAWkSAXkiBkdhdGhlchIBZ1oPCgF0EgoKCAgBEgQKAggDWg8KAWkSCgoICAcSBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQDQ==',
  /** `y = [x]`, a sequence. */
  sequence:
    'CAgSADpEChkKAXgSAXkiEVNlcXVlbmNlQ29uc3RydWN0EgFnWg8KAXgSCgoICAESBAoCCAFiEwoBeRIOIgwKCgoICAESBAoCCAFCBAoAEA0=',
};

const spec = (name: string, type: string, ...shape: (number | string)[]) => ({ name, type, shape });
const sourceOf = (graph: keyof typeof graphs, declared: SessionSource['declared']): SessionSource => ({
  where: 'tiny/graph',
  file: Buffer.from(graphs[graph], 'base64'),
  declared,
  devices: [{ kind: 'cpu' }],
  threads: 1,
  onFallback: () => undefined,
});
const cast = (type: 'int64' | 'uint8' | 'float64'): SessionSource =>
  sourceOf(type, { inputs: [spec('x', 'float32', 'n')], outputs: [spec('y', type, 'n')] });
const x = { type: 'float32', shape: [3], data: Float32Array.of(1, 2, 250) } as const;

describe('a session', () => {
  test.each([
    ['int64', BigInt64Array.of(1n, 2n, 250n)],
    ['uint8', Uint8Array.of(1, 2, 250)],
  ] as const)('gives %s as it is', async (type, data) => {
    const session = await OrtSession.open(cast(type));
    expect(await session.run({ x })).toEqual({ y: { type, shape: [3], data } });
    await session.close();
  });

  test('refuses an output of a type that nothing reads, by its name', async () => {
    const session = await OrtSession.open(cast('float64'));
    await expect(session.run({ x })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: 'tiny/graph: output y is float64; export it again',
    });
    await session.close();
  });

  test('refuses a graph that gives no tensor', async () => {
    const declared = { inputs: [spec('x', 'float32', 1)], outputs: [spec('y', 'float32', 1)] };
    await expect(OrtSession.open(sourceOf('sequence', declared))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('not a tensor') as unknown,
    });
  });

  test('says which graph fails when the runtime does, and that it may be the device', async () => {
    const declared = {
      inputs: [spec('t', 'float32', 3), spec('i', 'int64', 1)],
      outputs: [spec('y', 'float32', 1)],
    };
    const session = await OrtSession.open(sourceOf('gather', declared));
    const at = (index: bigint) =>
      session.run({
        t: { type: 'float32', shape: [3], data: Float32Array.of(4, 5, 6) },
        i: { type: 'int64', shape: [1], data: BigInt64Array.of(index) },
      });
    expect((await at(2n))['y']?.data).toEqual(Float32Array.of(6));
    await expect(at(9n)).rejects.toMatchObject({
      code: 'RESOURCE_ENGINE',
      message: expect.stringMatching(/^tiny\/graph: ONNX Runtime failed \(.*indices.*\); if it repeats/) as unknown,
      cause: expect.objectContaining({ message: expect.stringContaining('indices') as unknown }) as unknown,
    });
    // A session that failed once goes on.
    expect((await at(0n))['y']?.data).toEqual(Float32Array.of(4));
    await session.close();
  });

  test('goes on to the next device where one cannot be had', async () => {
    const fallen: string[] = [];
    const source = { ...cast('int64'), devices: [{ kind: 'cuda', index: 63 }, { kind: 'cpu' }] as const };
    const session = await OrtSession.open({
      ...source,
      onFallback: (device, reason) => fallen.push(`${device}: ${reason}`),
    });
    expect([session.device, fallen]).toEqual(['cpu', [expect.stringMatching(/^cuda:63: /)]]);
    await session.close();
  });
});
