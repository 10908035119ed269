/**
 * The ports through which a pipeline sees a model: named tensors in, named tensors out. No pipeline knows ONNX Runtime;
 * tests plug in graphs of plain functions.
 */

/** Element types that cross a graph's border. */
export type ElementType = 'float32' | 'int64' | 'uint8';

/** A named tensor's value: row-major, `data.length` is the product of `shape`. */
export type GraphTensor =
  | { readonly type: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'uint8'; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Tensors by their name in the manifest. */
export type GraphTensors = Readonly<Record<string, GraphTensor>>;

/** One graph of a model package, checked against its manifest. */
export interface Graph {
  /**
   * Runs the graph once. The caller keeps its input buffers; the output buffers belong to the caller.
   *
   * @throws PipelineError `MODEL_INVALID` when an input's name, type or shape breaks the manifest, `RESOURCE_MEMORY` when
   * the device has no memory left, `RESOURCE_ENGINE` when ONNX Runtime fails otherwise.
   */
  run(inputs: GraphTensors): Promise<GraphTensors>;
}

/** The float32 output of that name. Throws a plain error when it is missing: an outputs check has run at load. */
export function float32Output(outputs: GraphTensors, name: string): Extract<GraphTensor, { type: 'float32' }> {
  const tensor = outputs[name];
  if (tensor?.type !== 'float32') throw new Error(`graph output ${name} is ${tensor?.type ?? 'absent'}, not float32`);
  return tensor;
}
