import { describe, expect, test } from '@jest/globals';
import { checkInputs, checkSignature, type TensorSpec } from './signature.ts';

const frames: TensorSpec = { name: 'frames', type: 'float32', shape: ['N', 3, 'h', 'w'] };
const size: TensorSpec = { name: 'size', type: 'int64', shape: [2] };
const declared = { inputs: [frames, size], outputs: [frames] };

const told = (work: () => void): string => {
  try {
    work();
    return '';
  } catch (error) {
    expect(error).toMatchObject({ code: 'MODEL_INVALID', details: { graph: 'p/g' } });
    return (error as Error).message;
  }
};

describe('a file', () => {
  const against = (change: object): string =>
    told(() => {
      checkSignature('p/g', declared, { ...declared, ...change });
    });

  test('that is what its manifest says is taken, in any order', () => {
    expect(against({})).toBe('');
    expect(against({ inputs: [size, frames] })).toBe('');
  });

  test('may take more than its manifest promises, and never less', () => {
    expect(against({ inputs: [{ ...frames, shape: ['N', 'C', 'h', 'w'] }, size] })).toBe('');
    expect(against({ inputs: [{ ...frames, shape: ['N', 3, 'h', 64] }, size] })).toContain(
      'input frames has shape [N, 3, h, 64], the manifest says [N, 3, h, w]',
    );
    expect(against({ inputs: [frames, { ...size, shape: [3] }] })).toContain('has shape [3], the manifest says [2]');
  });

  test('may leave the shape of an output out, but not that of an input', () => {
    expect(against({ outputs: [{ ...frames, shape: [] }] })).toBe('');
    expect(against({ inputs: [{ ...frames, shape: [] }, size] })).toContain('has shape []');
    expect(against({ outputs: [{ ...frames, shape: ['N', 3, 'h'] }] })).toContain('has shape [N, 3, h]');
  });

  test.each([
    ['lacks one', { inputs: [frames] }, 'the manifest names the input size, the file has frames; export the graph'],
    ['lacks all', { outputs: [] }, 'the manifest names the output frames, the file has none'],
    ['has one more', { outputs: [frames, size] }, 'the file has the output size, the manifest does not'],
    [
      'has another type',
      { outputs: [{ ...frames, type: 'uint8' }] },
      'output frames is uint8, the manifest says float32',
    ],
  ])('that %s is refused', (_what, change, message) => {
    expect(against(change)).toContain(message);
  });
});

describe('a call', () => {
  const good = {
    frames: { type: 'float32', shape: [1, 3, 2, 2], data: new Float32Array(12) },
    size: { type: 'int64', shape: [2], data: new BigInt64Array(2) },
  } as const;
  const of = (change: object): string =>
    told(() => {
      checkInputs('p/g', declared.inputs, { ...good, ...change });
    });

  test('that fits is taken', () => {
    expect(of({})).toBe('');
  });

  test.each([
    ['with one too few', { size: undefined }, 'the call lacks the input size'],
    ['with one too many', { more: good.size }, 'the call gives the input more, the manifest has none'],
    ['of another type', { size: good.frames }, 'the call gives size as float32, the manifest says int64'],
    ['of another rank', { size: { ...good.size, shape: [2, 1] } }, 'with shape [2, 1]'],
    ['of another fixed axis', { size: { ...good.size, shape: [3] } }, 'with shape [3], the manifest says [2]'],
    ['with an empty axis', { frames: { ...good.frames, shape: [0, 3, 2, 2] } }, 'with shape [0, 3, 2, 2]'],
    ['with half an axis', { frames: { ...good.frames, shape: [1.5, 3, 2, 2] } }, 'with shape [1.5, 3, 2, 2]'],
    ['with a negative axis', { frames: { ...good.frames, shape: [-1, 3, 2, 2] } }, 'with shape [-1, 3, 2, 2]'],
    [
      'whose buffer is too short',
      { frames: { ...good.frames, data: new Float32Array(11) } },
      'the buffer of frames holds 11 elements, float32 [1, 3, 2, 2] needs 12',
    ],
    ['whose buffer is of another class', { size: { ...good.size, data: new Float32Array(2) } }, 'the buffer of size'],
  ])('%s is refused', (_what, change, message) => {
    expect(of(change)).toContain(message);
  });
});
