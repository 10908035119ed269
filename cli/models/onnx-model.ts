/**
 * ONNX models, written: the few messages of `onnx.proto` (IR version 8) that a converter of plain networks needs, as protocol buffers
 * have them. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

import { float, message, number, part, text } from './protocol-buffers.ts';

/** Types of tensors, as ONNX numbers them. */
const tensorTypes = { float32: 1, uint8: 2, int64: 7 } as const;

/** A type of tensors. */
export type OnnxType = keyof typeof tensorTypes;

/** A value of an attribute: a number is a float, a whole bigint an integer. */
export type OnnxAttribute = number | bigint | string | readonly bigint[];

/** A node of a graph. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant of a graph. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** What goes in or comes out; dimensions with names are free. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

/** A graph, nodes in the order in which they run. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Operators as of ONNX 1.13: the first whose Resize smooths what it makes smaller. */
const opset = 18;

/** The bytes of a model file. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const body = message(
    ...graph.nodes.map((node) => part(1, nodeOf(node))),
    text(2, graph.name),
    ...graph.tensors.map((tensor) => part(5, tensorOf(tensor))),
    ...graph.inputs.map((value) => part(11, valueOf(value))),
    ...graph.outputs.map((value) => part(12, valueOf(value))),
  );
  return message(number(1, 8n), text(2, 'shotline'), part(7, body), part(8, message(text(1, ''), number(2, BigInt(opset)))));
}

function nodeOf({ op, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  return message(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, outputs[0] ?? op),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => part(5, attributeOf(name, value))),
  );
}

function attributeOf(name: string, value: OnnxAttribute): Uint8Array {
  if (typeof value === 'number') return message(text(1, name), float(2, value), number(20, 1n));
  if (typeof value === 'bigint') return message(text(1, name), number(3, value), number(20, 2n));
  if (typeof value === 'string') return message(text(1, name), text(4, value), number(20, 3n));
  return message(text(1, name), ...value.map((each) => number(8, each)), number(20, 7n));
}

function tensorOf({ name, dims, data }: OnnxTensor): Uint8Array {
  const type = data instanceof Float32Array ? tensorTypes.float32 : tensorTypes.int64;
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(...dims.map((dim) => number(1, BigInt(dim))), number(2, BigInt(type)), text(8, name), part(9, raw));
}

function valueOf({ name, type, shape }: OnnxValue): Uint8Array {
  const dims = shape.map((dim) => part(1, typeof dim === 'number' ? number(1, BigInt(dim)) : text(2, dim)));
  const tensor = message(number(1, BigInt(tensorTypes[type])), part(2, message(...dims)));
  return message(text(1, name), part(2, message(part(1, tensor))));
}
