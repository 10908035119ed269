/**
 * The safetensors format, on bytes: 8 bytes little-endian header length, a JSON header, then the raw tensors.
 * https://huggingface.co/docs/safetensors
 *
 * Where we differ: only F32, U8 and I64 are known; the header is limited to 1 MiB instead of 100 MB, because a file of
 * ours names a handful of tensors; the header is padded so that every tensor starts at a multiple of eight bytes.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { sameShape, sizeOf, type Shape } from './tensor.ts';

/** A named array of a file or of a model graph: float32, int64 or uint8, row-major. */
export type TensorValue =
  | { readonly type: 'float32'; readonly shape: Shape; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly shape: Shape; readonly data: BigInt64Array }
  | { readonly type: 'uint8'; readonly shape: Shape; readonly data: Uint8Array };

/** What a safetensors file holds. */
export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, TensorValue>>;
  /** The header's `__metadata__`: strings only. */
  readonly metadata: Readonly<Record<string, string>>;
}

const formats = {
  F32: { type: 'float32', bytes: 4 },
  I64: { type: 'int64', bytes: 8 },
  U8: { type: 'uint8', bytes: 1 },
} as const;
type Dtype = keyof typeof formats;
const dtypeOf = { float32: 'F32', int64: 'I64', uint8: 'U8' } as const satisfies Record<TensorValue['type'], Dtype>;

const lengthBytes = 8;
const alignment = 8;
const maxHeaderBytes = 1 << 20;
const maxAxes = 8;

/**
 * Encodes tensors as one safetensors file. Same input, same bytes: wide types come first, then order of names.
 *
 * @throws PipelineError `INTERNAL` when the data of a tensor does not fit its shape, or a name is reserved.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, TensorValue>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Widest type first keeps every tensor aligned without gaps, which the format forbids.
  const names = Object.keys(tensors).sort((left, right) => {
    const byWidth = widthOf(tensors[right]!) - widthOf(tensors[left]!);
    return byWidth !== 0 ? byWidth : left < right ? -1 : 1;
  });
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    entries.push(['__metadata__', Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))]);
  }
  let offset = 0;
  for (const name of names) {
    const { type, shape, data } = tensors[name]!;
    if (name === '__metadata__' || name === '__proto__') {
      throw new PipelineError('INTERNAL', `a tensor must not be named ${name}: the format reserves it`);
    }
    if (sizeOf(shape) !== data.length) {
      throw new PipelineError('INTERNAL', `tensor ${name} of shape [${shape.join(', ')}] holds ${data.length} numbers`);
    }
    entries.push([name, { dtype: dtypeOf[type], shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / alignment) * alignment;
  const bytes = new Uint8Array(lengthBytes + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerBytes);
  bytes.set(json, lengthBytes);
  let position = lengthBytes + headerBytes;
  for (const name of names) {
    const { data } = tensors[name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Decodes a safetensors file. The tensors are copies: they do not keep `bytes` alive. The whole header is checked before
 * any memory is taken for data, so a hostile file costs no more than its own size.
 *
 * @throws PipelineError `ARTIFACT_CORRUPT` when the bytes are not a safetensors file of F32, U8 and I64 tensors.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes);
  const tensors: Record<string, TensorValue> = {};
  let metadata: Record<string, string> = {};
  const spans: { name: string; dtype: Dtype; shape: Shape; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = checkedMetadata(entry);
    else spans.push({ name, ...checkedEntry(name, entry) });
  }
  spans.sort((left, right) => left.begin - right.begin || left.end - right.end);
  let expected = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== expected) {
      throw corrupt(
        `tensor ${name} starts at byte ${begin} of the data where ${expected} is due; no gap or overlap is allowed`,
      );
    }
    expected = end;
  }
  if (expected !== bytes.length - dataStart) {
    throw corrupt(`the tensors take ${expected} bytes and the file holds ${bytes.length - dataStart}`);
  }
  for (const { name, dtype, shape, begin, end } of spans) {
    tensors[name] = copyOut(dtype, shape, bytes, dataStart + begin, dataStart + end);
  }
  return { tensors, metadata };
}

/** Bytes at the start of a file that are sure to hold its header. */
export const safetensorsStartBytes = lengthBytes + maxHeaderBytes;

/** Where a tensor lies in its file. */
export interface TensorPlace {
  readonly type: TensorValue['type'];
  readonly shape: Shape;
  /** First byte in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Finds a tensor in a large file of which only parts shall be read.
 *
 * @param start - The first `safetensorsStartBytes` of the file, or all of a shorter one.
 * @throws PipelineError `ARTIFACT_CORRUPT` when the header is broken or has no such tensor. Whether the file is long enough
 * is for the reader to see.
 */
export function locateTensor(start: Uint8Array, name: string): TensorPlace {
  const { header, dataStart } = readHeader(start);
  if (!Object.hasOwn(header, name)) throw corrupt(`tensor ${name} is missing`);
  const { dtype, shape, begin, end } = checkedEntry(name, header[name]);
  return { type: formats[dtype].type, shape, offset: dataStart + begin, bytes: end - begin };
}

/**
 * Takes one tensor of a decoded file and checks its type and shape; `null` in `shape` accepts any length.
 *
 * @throws PipelineError `ARTIFACT_CORRUPT` when it is missing or differs.
 */
export function takeTensor<Type extends TensorValue['type']>(
  file: SafetensorsFile,
  name: string,
  type: Type,
  shape: readonly (number | null)[],
): Extract<TensorValue, { type: Type }> {
  const value = Object.hasOwn(file.tensors, name) ? file.tensors[name] : undefined;
  const rule = `${type} [${shape.map((length) => length ?? 'any').join(', ')}]`;
  if (value === undefined) throw corrupt(`tensor ${name} is missing; the file must hold it as ${rule}`);
  const wanted = shape.map((length, axis) => length ?? value.shape[axis] ?? -1);
  if (value.type !== type || !sameShape(value.shape, wanted)) {
    throw corrupt(`tensor ${name} is ${value.type} [${value.shape.join(', ')}]; it must be ${rule}`);
  }
  return value as Extract<TensorValue, { type: Type }>;
}

function widthOf(value: TensorValue): number {
  return value.data.BYTES_PER_ELEMENT;
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < lengthBytes) throw corrupt(`the file has ${bytes.length} bytes; a header length alone takes 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(Math.min(maxHeaderBytes, bytes.length - lengthBytes))) {
    throw corrupt(`the header claims ${headerBytes} bytes; the limit is ${maxHeaderBytes} and the size of the file`);
  }
  const dataStart = lengthBytes + Number(headerBytes);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, dataStart)));
  } catch (cause) {
    throw new PipelineError('ARTIFACT_CORRUPT', 'safetensors: the header is not JSON in UTF-8', { cause });
  }
  if (!isRecord(header)) throw corrupt('the header is not a JSON object');
  return { header, dataStart };
}

function checkedMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === 'string')) {
    throw corrupt('__metadata__ is not an object of strings');
  }
  return entry as Record<string, string>;
}

function checkedEntry(name: string, entry: unknown): { dtype: Dtype; shape: Shape; begin: number; end: number } {
  // Assigning to `__proto__` would change the prototype of the result instead of adding a tensor.
  if (name === '__proto__' || !isRecord(entry)) throw corrupt(`entry ${name} does not describe a tensor`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(formats, dtype)) {
    throw corrupt(`tensor ${name} has dtype ${JSON.stringify(dtype)}; known are ${Object.keys(formats).join(', ')}`);
  }
  if (!isCounts(shape) || shape.length > maxAxes) {
    throw corrupt(`tensor ${name} has shape ${JSON.stringify(shape)}; it must be up to ${maxAxes} whole numbers`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw corrupt(`tensor ${name} has data_offsets ${JSON.stringify(offsets)}; they must be [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = sizeOf(shape) * formats[dtype as Dtype].bytes;
  if (end - begin !== needed) {
    throw corrupt(`tensor ${name} spans ${end - begin} bytes; its dtype and shape need ${needed}`);
  }
  return { dtype: dtype as Dtype, shape, begin, end };
}

function copyOut(dtype: Dtype, shape: Shape, bytes: Uint8Array, begin: number, end: number): TensorValue {
  // A copy has a buffer of its own, which starts aligned for every type.
  const { buffer } = new Uint8Array(bytes.subarray(begin, end));
  const { type } = formats[dtype];
  switch (type) {
    case 'float32':
      return { type, shape, data: new Float32Array(buffer) };
    case 'int64':
      return { type, shape, data: new BigInt64Array(buffer) };
    case 'uint8':
      return { type, shape, data: new Uint8Array(buffer) };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
}

function corrupt(problem: string): PipelineError {
  return new PipelineError('ARTIFACT_CORRUPT', `safetensors: ${problem}`);
}
