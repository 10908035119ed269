import { PipelineError } from '../errors/pipeline-error.ts';
import type { ElementType, GraphTensor, GraphTensors } from './graph.ts';

/** A named input or output as a manifest declares it; a string in `shape` is a dynamic axis. */
export interface TensorSpec {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** Inputs and outputs of one graph. */
export interface GraphSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const elementClasses = {
  float32: Float32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
} as const satisfies Record<ElementType, unknown>;

const spell = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;

function invalid(where: string, problem: string, next: string): PipelineError {
  return new PipelineError('MODEL_INVALID', `${where}: ${problem}; ${next}`, { details: { graph: where } });
}

/**
 * Compares what a file really has with what its manifest says, so that a wrong export is found when it is opened and not
 * in the middle of a film.
 *
 * @throws PipelineError `MODEL_INVALID` naming the first difference.
 */
export function checkSignature(where: string, declared: GraphSignature, actual: GraphSignature): void {
  checkSide(where, 'input', declared.inputs, actual.inputs);
  checkSide(where, 'output', declared.outputs, actual.outputs);
}

function checkSide(
  where: string,
  side: 'input' | 'output',
  declared: readonly TensorSpec[],
  actual: readonly TensorSpec[],
): void {
  const next = 'export the graph again or correct its model.json';
  const found = new Map(actual.map((tensor) => [tensor.name, tensor]));
  for (const spec of declared) {
    const tensor = found.get(spec.name);
    if (tensor === undefined) {
      const names = actual.map((each) => each.name).join(', ');
      throw invalid(where, `the manifest names the ${side} ${spec.name}, the file has ${names || 'none'}`, next);
    }
    found.delete(spec.name);
    if (tensor.type !== spec.type) {
      throw invalid(where, `${side} ${spec.name} is ${tensor.type}, the manifest says ${spec.type}`, next);
    }
    if (!shapesAgree(side, spec.shape, tensor.shape)) {
      const shapes = `has shape ${spell(tensor.shape)}, the manifest says ${spell(spec.shape)}`;
      throw invalid(where, `${side} ${spec.name} ${shapes}`, next);
    }
  }
  const [extra] = found.keys();
  if (extra !== undefined) throw invalid(where, `the file has the ${side} ${extra}, the manifest does not`, next);
}

function shapesAgree(
  side: 'input' | 'output',
  declared: readonly (number | string)[],
  actual: readonly (number | string)[],
): boolean {
  // ONNX may leave an output's shape out altogether, and ONNX Runtime shows that as no axes.
  if (side === 'output' && actual.length === 0) return true;
  if (declared.length !== actual.length) return false;
  // A file may take more than its manifest promises (a dynamic axis where the manifest fixes one), never less.
  return declared.every((axis, index) => typeof actual[index] === 'string' || actual[index] === axis);
}

/**
 * Checks the tensors of one call against the manifest: names, element types, ranks, fixed axes and buffer lengths.
 *
 * @throws PipelineError `MODEL_INVALID` naming the first difference.
 */
export function checkInputs(where: string, declared: readonly TensorSpec[], given: GraphTensors): void {
  const next = 'the stage and the model package do not fit together';
  for (const spec of declared) {
    const tensor = given[spec.name];
    if (tensor === undefined) throw invalid(where, `the call lacks the input ${spec.name}`, next);
    if (tensor.type !== spec.type) {
      throw invalid(where, `the call gives ${spec.name} as ${tensor.type}, the manifest says ${spec.type}`, next);
    }
    if (!callFits(spec.shape, tensor.shape)) {
      const shapes = `shape ${spell(tensor.shape)}, the manifest says ${spell(spec.shape)}`;
      throw invalid(where, `the call gives ${spec.name} with ${shapes}`, next);
    }
    checkBuffer(where, spec.name, tensor);
  }
  const extra = Object.keys(given).find((name) => !declared.some((spec) => spec.name === name));
  if (extra !== undefined) throw invalid(where, `the call gives the input ${extra}, the manifest has none`, next);
}

function callFits(declared: readonly (number | string)[], given: readonly number[]): boolean {
  if (declared.length !== given.length) return false;
  return given.every((size, index) => {
    const axis = declared[index];
    return Number.isSafeInteger(size) && size > 0 && (typeof axis === 'string' || axis === size);
  });
}

function checkBuffer(where: string, name: string, tensor: GraphTensor): void {
  const expected = tensor.shape.reduce((product, size) => product * size, 1);
  if (!(tensor.data instanceof elementClasses[tensor.type]) || tensor.data.length !== expected) {
    throw invalid(
      where,
      `the buffer of ${name} holds ${tensor.data.length} elements, ${tensor.type} ${spell(tensor.shape)} needs ${expected}`,
      'this is a fault in the stage',
    );
  }
}
