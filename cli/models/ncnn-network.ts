import { PipelineError } from '../../errors/pipeline-error.ts';

/**
 * Networks as ncnn stores them: a list of layers in words, and their numbers one behind the other.
 * https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
 */

/** A layer with its numbers. */
export interface NcnnLayer {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Its parameters by number; those of arrays, from -23300 down, by the number that they stand for. */
  readonly values: ReadonlyMap<number, readonly number[]>;
  /** Of a convolution: weights, and biases where it has some. Of a PReLU: slopes. */
  readonly weights: readonly Float32Array[];
}

/** First line of every list of layers. */
const magic = '7767517';

/** What stands before weights of half precision; before others stands 0. */
const halfFlag = 0x01306b47;

/**
 * Reads a network.
 * @param param The list of layers.
 * @param bin Their numbers.
 * @throws PipelineError `MODEL_INVALID` for what is no network, or one with layers that are not known here.
 */
export function readNcnn(param: string, bin: Uint8Array): readonly NcnnLayer[] {
  const [first, counts = '', ...lines] = param.trim().split(/\r?\n/);
  if (first !== magic) throw invalid(`its list of layers begins with ${JSON.stringify(first?.slice(0, 20))}, not ${magic}`);
  const said = Number(counts.trim().split(/\s+/)[0]);
  if (lines.length !== said) throw invalid(`it says ${said} layers and lists ${lines.length}`);
  const numbers = new Numbers(bin);
  const layers = lines.map((line) => layerOf(line, numbers));
  if (numbers.left > 0) throw invalid(`${numbers.left} bytes of its numbers belong to no layer`);
  return layers;
}

function layerOf(line: string, numbers: Numbers): NcnnLayer {
  const [type = '', , inCount, outCount, ...rest] = line.trim().split(/\s+/);
  const [ins, outs] = [Number(inCount), Number(outCount)];
  const values = new Map<number, readonly number[]>();
  for (const pair of rest.slice(ins + outs)) {
    const [key = '', value = ''] = pair.split('=');
    const id = Number(key);
    const parsed = value.split(',').map(Number);
    if (Number.isNaN(id) || parsed.some(Number.isNaN)) throw invalid(`${type} has ${JSON.stringify(pair)}, which is no parameter`);
    // An array says how long it is.
    if (id <= -23_300) values.set(-23_300 - id, parsed.slice(1));
    else values.set(id, parsed);
  }
  const one = (key: number, usual = 0): number => values.get(key)?.[0] ?? usual;
  const weights =
    type === 'Convolution'
      ? [numbers.flagged(one(6)), ...(one(5) === 0 ? [] : [numbers.plain(one(0))])]
      : type === 'PReLU'
        ? [numbers.plain(one(0))]
        : [];
  return { type, inputs: rest.slice(0, ins), outputs: rest.slice(ins, ins + outs), values, weights };
}

/** The numbers of a network, read from the first to the last. */
class Numbers {
  readonly #view: DataView;
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#view.byteLength - this.#place;
  }

  /** Numbers behind a flag that says how they are stored. */
  flagged(count: number): Float32Array {
    const flag = this.#view.getUint32(this.#take(4), true);
    if (flag === 0) return this.plain(count);
    if (flag !== halfFlag) throw invalid(`its weights are stored in a way that is not known here (${flag.toString(16)})`);
    const start = this.#take(4 * Math.ceil(count / 2));
    return Float32Array.from({ length: count }, (_, index) => halfToFloat(this.#view.getUint16(start + 2 * index, true)));
  }

  plain(count: number): Float32Array {
    const start = this.#take(4 * count);
    return Float32Array.from({ length: count }, (_, index) => this.#view.getFloat32(start + 4 * index, true));
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw invalid(`its numbers end ${bytes - this.left} bytes too early`);
    const start = this.#place;
    this.#place += bytes;
    return start;
  }
}

/** IEEE 754 half precision, exactly. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function invalid(what: string): PipelineError {
  return new PipelineError('MODEL_INVALID', `The network cannot be converted: ${what}; fetch it again`);
}
