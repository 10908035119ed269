import { PipelineError } from '../../errors/pipeline-error.ts';
import type { NcnnLayer } from './ncnn-network.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx-model.ts';

/**
 * An upscaling network of ncnn as the `upscaler` graph of a model package: frames −1…1 and the wanted size go in, planes for the encoder
 * come out (record 0004). The network makes each side a whole number of times larger; what is larger than wanted is made smaller by
 * averaging, as Real-ESRGAN's own tools do for other factors. Planes as `media/frames-to-yuv.ts` makes them.
 */
export function upscalerGraph(name: string, layers: readonly NcnnLayer[]): OnnxGraph {
  const build = new GraphBuilder();
  const half = build.constant('half', [1], Float32Array.of(0.5));
  const unit = build.node('Add', [build.node('Mul', ['frames', half]), half]);
  const large = network(build, layers, unit);
  const clipped = build.node('Clip', [
    large,
    build.constant('zero', [], Float32Array.of(0)),
    build.constant('one', [], Float32Array.of(1)),
  ]);
  const counts = build.node('Slice', [
    build.node('Shape', [clipped]),
    build.constant('from', [1], BigInt64Array.of(0n)),
    build.constant('to', [1], BigInt64Array.of(2n)),
  ]);
  const sizes = build.node('Concat', [counts, 'size'], { axis: 0n });
  const rgb = build.node('Resize', [clipped, '', '', sizes], {
    mode: 'linear',
    antialias: 1n,
    coordinate_transformation_mode: 'half_pixel',
  });
  planes(build, rgb);
  return {
    name,
    nodes: build.nodes,
    tensors: build.tensors,
    inputs: [
      { name: 'frames', type: 'float32', shape: ['N', 3, 'h', 'w'] },
      { name: 'size', type: 'int64', shape: [2] },
    ],
    outputs: [
      { name: 'y', type: 'uint8', shape: ['N', 'H', 'W'] },
      { name: 'u', type: 'uint8', shape: ['N', 'H/2', 'W/2'] },
      { name: 'v', type: 'uint8', shape: ['N', 'H/2', 'W/2'] },
    ],
  };
}

/** BT.709, limited range: luma of each pixel, chroma of the mean of four. */
function planes(build: GraphBuilder, rgb: string): void {
  const [kr, kb] = [0.2126, 0.0722];
  const kg = 1 - kr - kb;
  const axis = build.constant('axis', [1], BigInt64Array.of(1n));
  const plane = (name: string, from: string, factors: readonly number[], black: number): void => {
    const weights = build.constant(`${name}-weights`, [1, 3, 1, 1], Float32Array.from(factors));
    // Half more, for what follows cuts off.
    const bias = build.constant(`${name}-bias`, [1], Float32Array.of(black + 0.5));
    const value = build.node('Floor', [build.node('Conv', [from, weights, bias])]);
    build.node('Squeeze', [build.node('Cast', [value], { to: 2n }), axis], {}, name);
  };
  plane('y', rgb, [kr, kg, kb].map((factor) => 219 * factor), 16);
  const mean = build.node('AveragePool', [rgb], { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  const blue = 224 / (2 - 2 * kb);
  const red = 224 / (2 - 2 * kr);
  plane('u', mean, [-kr * blue, -kg * blue, (1 - kb) * blue], 128);
  plane('v', mean, [(1 - kr) * red, -kg * red, -kb * red], 128);
}

/** The layers of a network, from its input on. @returns name of what it makes. */
function network(build: GraphBuilder, layers: readonly NcnnLayer[], input: string): string {
  /** What an ncnn name is called in the graph: a split is no layer. */
  const names = new Map<string, string>();
  let last = input;
  const of = (name: string): string => {
    const found = names.get(name);
    if (found === undefined) throw unknown(`it reads ${name}, which no layer makes`);
    return found;
  };
  for (const layer of layers) {
    const [output = ''] = layer.outputs;
    if (layer.type === 'Input') names.set(output, input);
    else if (layer.type === 'Split') layer.outputs.forEach((each) => names.set(each, of(layer.inputs[0] ?? '')));
    else {
      last = layerNode(build, layer, layer.inputs.map(of));
      names.set(output, last);
    }
  }
  return last;
}

function layerNode(build: GraphBuilder, layer: NcnnLayer, inputs: readonly string[]): string {
  const one = (key: number, usual = 0): number => layer.values.get(key)?.[0] ?? usual;
  switch (layer.type) {
    case 'Convolution':
      return convolution(build, layer, inputs);
    case 'PReLU': {
      const [slopes = new Float32Array(0)] = layer.weights;
      return build.node('PRelu', [...inputs, build.constant('slopes', [slopes.length, 1, 1], slopes)]);
    }
    case 'PixelShuffle':
      return build.node('DepthToSpace', inputs, { blocksize: BigInt(one(0, 1)), mode: 'CRD' });
    case 'Concat':
      // The axis counts without the batch.
      return build.node('Concat', inputs, { axis: BigInt(one(0) + 1) });
    case 'Interp': {
      if (one(0) !== 1) throw unknown('it enlarges in another way than by repeating pixels');
      const scales = build.constant('scales', [4], Float32Array.of(1, 1, one(1, 1), one(2, 1)));
      return build.node('Resize', [inputs[0] ?? '', '', scales], {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
      });
    }
    case 'BinaryOp':
      if (one(0) !== 0 || inputs.length !== 2) throw unknown(`it has a BinaryOp of kind ${one(0)}`);
      return build.node('Add', inputs);
    case 'Eltwise':
      return sum(build, layer, inputs);
    default:
      throw unknown(`it has a layer ${layer.type}`);
  }
}

function convolution(build: GraphBuilder, { values, weights }: NcnnLayer, inputs: readonly string[]): string {
  const one = (key: number, usual: number): number => values.get(key)?.[0] ?? usual;
  const [outputs, kernel] = [one(0, 0), one(1, 1)];
  const [weight = new Float32Array(0), bias] = weights;
  const dims = [outputs, weight.length / (outputs * kernel * kernel), kernel, kernel];
  const [stride, dilation, pad] = [one(3, 1), one(2, 1), one(4, 0)].map(BigInt);
  if (stride !== 1n || dilation !== 1n || pad === undefined) throw unknown('it has a convolution with gaps');
  const made = build.node(
    'Conv',
    [
      inputs[0] ?? '',
      build.constant('weights', dims, weight),
      ...(bias === undefined ? [] : [build.constant('bias', [outputs], bias)]),
    ],
    { pads: [pad, pad, pad, pad] },
  );
  const activation = one(9, 0);
  if (activation === 0) return made;
  if (activation !== 2) throw unknown(`it has a convolution with activation ${activation}`);
  return build.node('LeakyRelu', [made], { alpha: values.get(10)?.[0] ?? 0 });
}

/** Inputs times their factors, added. */
function sum(build: GraphBuilder, { values }: NcnnLayer, inputs: readonly string[]): string {
  if ((values.get(0)?.[0] ?? 0) !== 1) throw unknown('it joins layers in another way than by adding them');
  const factors = values.get(1) ?? [];
  const terms = inputs.map((input, index) => {
    const factor = factors[index] ?? 1;
    return factor === 1 ? input : build.node('Mul', [input, build.constant('factor', [1], Float32Array.of(factor))]);
  });
  return terms.reduce((left, right) => build.node('Add', [left, right]));
}

/** Nodes and constants as they come, each with a name of its own. */
class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly tensors: OnnxTensor[] = [];

  constant(name: string, dims: readonly number[], data: OnnxTensor['data']): string {
    const own = `${name}.${this.tensors.length}`;
    this.tensors.push({ name: own, dims, data });
    return own;
  }

  node(op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}, output = `${op}.${this.nodes.length}`): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }
}

function unknown(what: string): PipelineError {
  return new PipelineError('MODEL_INVALID', `The network cannot be converted: ${what}; only upscalers of known kinds can`);
}
