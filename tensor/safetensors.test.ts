import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decodeSafetensors, encodeSafetensors, takeTensor, type TensorValue } from './safetensors.ts';

/** A file from a header (object or raw text) and data bytes. */
function fileOf(header: unknown, dataBytes = 0, claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const shapes = fc.array(fc.nat(4), { maxLength: 4 });
const values: fc.Arbitrary<TensorValue> = shapes.chain((shape) => {
  const size = shape.reduce((product, length) => product * length, 1);
  const exactly = { minLength: size, maxLength: size };
  return fc.oneof(
    fc.float32Array(exactly).map((data) => ({ type: 'float32', shape, data }) as const),
    fc.bigInt64Array(exactly).map((data) => ({ type: 'int64', shape, data }) as const),
    fc.uint8Array(exactly).map((data) => ({ type: 'uint8', shape, data }) as const),
  );
});
const names = fc.string({ maxLength: 12 }).filter((name) => !['__metadata__', '__proto__'].includes(name));

describe('safetensors', () => {
  test('gives back every tensor and all metadata bit for bit', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, values, { noNullPrototype: true }),
        fc.dictionary(names, fc.string(), { noNullPrototype: true }),
        (tensors, metadata) => {
          const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
          expect(decoded.metadata).toEqual(metadata);
          expect(Object.keys(decoded.tensors).sort()).toEqual(Object.keys(tensors).sort());
          for (const [name, value] of Object.entries(tensors)) expect(decoded.tensors[name]).toEqual(value);
        },
      ),
    );
  });

  test('does not depend on the order in which tensors are named', () => {
    const one: TensorValue = { type: 'uint8', shape: [1], data: Uint8Array.of(1) };
    const two: TensorValue = { type: 'float32', shape: [1], data: Float32Array.of(2) };
    expect(encodeSafetensors({ one, two }, { a: '1', b: '2' })).toEqual(
      encodeSafetensors({ two, one }, { b: '2', a: '1' }),
    );
  });

  test('reads a file written by the safetensors package, and writes one that equals it in content', () => {
    const bytes = readFileSync(new URL('goldens/reference.safetensors', import.meta.url));
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(metadata).toEqual({ made_by: 'safetensors (Python)' });
    expect(tensors).toEqual({
      frames: { type: 'uint8', shape: [2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) },
      latents: { type: 'float32', shape: [1, 2, 2], data: Float32Array.of(0.5, -1.25, 3e-38, 65504) },
      ids: { type: 'int64', shape: [3], data: BigInt64Array.of(0n, -1n, 9007199254740993n) },
    });
    expect(decodeSafetensors(encodeSafetensors(tensors, metadata))).toEqual({ tensors, metadata });
  });

  test('decodes from the middle of a larger buffer, into copies', () => {
    const bytes = encodeSafetensors({ x: { type: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const decoded = decodeSafetensors(larger.subarray(3));
    larger.fill(0);
    expect(decoded.tensors['x']!.data).toEqual(Float32Array.of(1, 2));
  });

  test.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), '0 bytes'],
    ['a header longer than the file', fileOf('{}', 0, 100n), 'claims 100 bytes'],
    ['a header length of 2^63', fileOf('{}', 0, 2n ** 63n), 'claims 9223372036854775808'],
    ['text that is not JSON', fileOf('{"a":'), 'not JSON'],
    ['bytes that are not UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), 'not JSON in UTF-8'],
    ['a header that is a list', fileOf([]), 'not a JSON object'],
    ['an entry that is null', fileOf({ x: null }), 'entry x'],
    ['an entry named __proto__', fileOf('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'), '__proto__'],
    [
      'a dtype of the prototype',
      fileOf({ x: { dtype: 'constructor', shape: [], data_offsets: [0, 0] } }),
      'dtype "constructor"',
    ],
    ['an unknown dtype', fileOf({ x: { dtype: 'F16', shape: [1], data_offsets: [0, 2] } }, 2), 'dtype "F16"'],
    ['a negative axis', fileOf({ x: { dtype: 'U8', shape: [-1, -1], data_offsets: [0, 1] } }, 1), 'shape [-1,-1]'],
    [
      'a shape whose size overflows',
      fileOf({ x: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 8] } }, 8),
      'need 4.8',
    ],
    ['nine axes', fileOf({ x: { dtype: 'U8', shape: Array(9).fill(1), data_offsets: [0, 1] } }, 1), 'up to 8'],
    ['offsets past the end', fileOf({ x: { dtype: 'U8', shape: [9], data_offsets: [0, 9] } }, 1), 'take 9 bytes'],
    ['a span that is not its shape', fileOf({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4), 'need 8'],
    ['offsets in reverse', fileOf({ x: { dtype: 'U8', shape: [1], data_offsets: [1, 0] } }, 1), 'spans -1'],
    ['offsets that are text', fileOf({ x: { dtype: 'U8', shape: [1], data_offsets: '01' } }, 1), 'data_offsets'],
    ['bytes that no tensor claims', fileOf({}, 4), 'holds 4'],
    ['metadata that is not text', fileOf({ __metadata__: { a: 1 } }), '__metadata__'],
    [
      'tensors that overlap',
      fileOf(
        { a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } },
        3,
      ),
      'starts at byte 1',
    ],
  ])('refuses %s', (_name, bytes, problem) => {
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_CORRUPT', message: expect.stringContaining(problem) as unknown }),
    );
  });

  test('never fails otherwise than with ARTIFACT_CORRUPT, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.json(), (tail, json) => {
        const text = new TextEncoder().encode(json);
        const bytes = new Uint8Array(8 + text.length + tail.length);
        bytes[0] = text.length & 0xff;
        bytes[1] = text.length >> 8;
        bytes.set(text, 8);
        bytes.set(tail, 8 + text.length);
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ARTIFACT_CORRUPT' });
        }
      }),
    );
  });

  test('refuses to encode data that does not fit its shape, or a reserved name', () => {
    const data = Float32Array.of(1, 2);
    expect(() => encodeSafetensors({ x: { type: 'float32', shape: [3], data } })).toThrow('holds 2 numbers');
    expect(() => encodeSafetensors({ __metadata__: { type: 'float32', shape: [2], data } })).toThrow('reserves');
  });
});

describe('takeTensor', () => {
  const file = decodeSafetensors(
    encodeSafetensors({ latents: { type: 'float32', shape: [1, 4, 2], data: new Float32Array(8) } }),
  );

  test('accepts any length where the rule says null', () => {
    expect(takeTensor(file, 'latents', 'float32', [1, null, 2]).shape).toEqual([1, 4, 2]);
  });

  test.each<[string, TensorValue['type'], (number | null)[], string]>([
    ['frames', 'uint8', [1], 'frames is missing'],
    ['latents', 'uint8', [1, 4, 2], 'latents is float32 [1, 4, 2]; it must be uint8'],
    ['latents', 'float32', [1, 4, 3], 'must be float32 [1, 4, 3]'],
    ['latents', 'float32', [1, 4, 2, null], 'must be float32 [1, 4, 2, any]'],
    ['toString', 'float32', [1], 'toString is missing'],
  ])('refuses %s as %s %p', (name, type, shape, problem) => {
    expect(() => takeTensor(file, name, type, shape)).toThrow(problem);
  });
});
