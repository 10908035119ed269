import { describe, expect, test } from '@jest/globals';
import { halfToFloat, readNcnn } from './ncnn-network.ts';
import { upscalerGraph } from './upscaler-graph.ts';

const param = [
  '7767517',
  '4 5',
  'Input   data  0 1 data',
  'Split   both  1 2 data a b',
  'Convolution conv 1 1 a made 0=2 1=1 5=1 6=3 9=2 -23310=1,2.0e-01',
  'PReLU   slope 1 1 made out 0=2',
].join('\n');
/** Flag, three halves filled up to whole words (1, 0.5, −2), two biases, two slopes. */
const bin = (): Uint8Array => {
  const bytes = new Uint8Array(4 + 8 + 8 + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x01306b47, true);
  [0x3c00, 0x3800, 0xc000].forEach((half, index) => {
    view.setUint16(4 + 2 * index, half, true);
  });
  [0.25, -0.5, 0.1, 0.2].forEach((value, index) => {
    view.setFloat32(12 + 4 * index, value, true);
  });
  return bytes;
};

describe('a network of ncnn', () => {
  test('is its layers with their numbers', () => {
    const [, split, convolution, slope] = readNcnn(param, bin());
    expect(split).toMatchObject({ type: 'Split', inputs: ['data'], outputs: ['a', 'b'] });
    expect([...convolution!.weights[0]!]).toEqual([1, 0.5, -2]);
    expect([...convolution!.weights[1]!]).toEqual([0.25, -0.5]);
    expect(convolution!.values.get(10)).toEqual([0.2]);
    expect([...slope!.weights[0]!].map((value) => value.toFixed(1))).toEqual(['0.1', '0.2']);
  });

  test.each<[string, string, Uint8Array]>([
    ['begins with', param.replace('7767517', 'onnx'), bin()],
    ['says 9 layers and lists 4', param.replace('4 5', '9 5'), bin()],
    ['bytes too early', param, bin().subarray(0, 20)],
    ['belong to no layer', param, Uint8Array.from([...bin(), 0, 0, 0, 0])],
    ['is no parameter', param.replace('6=3', 'six=3'), bin()],
    ['not known here', param, bin().fill(7, 0, 4)],
  ])('that is broken is told: %s', (says, list, numbers) => {
    expect(() => readNcnn(list, numbers)).toThrow(says);
  });

  test('becomes a graph of the same layers, and one of unknown layers none', () => {
    const { nodes, inputs, outputs } = upscalerGraph('small', readNcnn(param, bin()));
    expect(nodes.map(({ op }) => op).slice(0, 5)).toEqual(['Mul', 'Add', 'Conv', 'LeakyRelu', 'PRelu']);
    expect([inputs, outputs].map((values) => values.map(({ name }) => name))).toEqual([
      ['frames', 'size'],
      ['y', 'u', 'v'],
    ]);
    const odd = param.replace('PReLU   slope 1 1 made out 0=2', 'Softmax slope 1 1 made out');
    expect(() => upscalerGraph('odd', readNcnn(odd, bin().subarray(0, 20)))).toThrow('a layer Softmax');
  });
});

test.each([
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x0001, 2 ** -24],
  [0x7bff, 65_504],
  [0x7c00, Infinity],
])('half precision %d is %d', (bits, value) => {
  expect(halfToFloat(bits)).toBe(value);
});
