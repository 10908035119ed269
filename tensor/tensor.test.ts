import { describe, expect, test } from '@jest/globals';
import { axesOf, expectShape, sameShape, sizeOf, Tensor } from './tensor.ts';

describe('Tensor', () => {
  test('keeps the data it is given, without a copy', () => {
    const data = new Float32Array(6);
    expect(new Tensor([2, 3], data).data).toBe(data);
  });

  test('refuses data of another length, and says both numbers', () => {
    expect(() => new Tensor([2, 3], new Float32Array(5))).toThrow('shape [2, 3] needs 6 numbers and was given 5');
  });

  test.each([[[-1]], [[1.5]], [[Number.NaN]]])('refuses the shape %p', (shape) => {
    expect(() => new Tensor(shape, new Float32Array(1))).toThrow('not a whole number');
  });

  test('cannot be reshaped by whoever made it', () => {
    const shape = [2, 3];
    const tensor = Tensor.zeros(shape);
    shape[0] = 9;
    expect(tensor.shape).toEqual([2, 3]);
  });
});

test('a scalar has one element and an empty axis none', () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([4, 0, 2])).toBe(0);
});

test('shapes are the same only axis by axis', () => {
  expect(sameShape([1, 2], [1, 2])).toBe(true);
  expect(sameShape([1, 2], [2, 1])).toBe(false);
  expect(sameShape([1, 2], [1, 2, 1])).toBe(false);
});

test('expectShape names the tensor and the rule', () => {
  const tensor = Tensor.zeros([1, 4, 16]);
  expect(() => {
    expectShape('latents', tensor, [1, null, 16]);
  }).not.toThrow();
  expect(() => {
    expectShape('latents', tensor, [1, 4, 8]);
  }).toThrow('latents has shape [1, 4, 16]; it must be [1, 4, 8]');
  expect(() => {
    expectShape('latents', tensor, [1, 4]);
  }).toThrow('must be [1, 4]');
});

test('the axes of a tensor are as many as said, or it says how many there are', () => {
  const latents = Tensor.zeros([1, 4, 16, 3, 2]);
  expect(axesOf(latents, 5)).toEqual([1, 4, 16, 3, 2]);
  expect(() => axesOf(latents, 4)).toThrow('a tensor has shape [1, 4, 16, 3, 2]; it must have 4 axes');
});
