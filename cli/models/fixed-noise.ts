import { PipelineError } from '../../errors/pipeline-error.ts';
import { type Field, fieldsOf, float, message, number, part, text } from './protocol-buffers.ts';

/** Operators that draw numbers at random, each time others unless they have a seed. */
const random = new Set(['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli']);

/** Numbers of fields in `onnx.proto`. */
const [graphOfModel, nodeOfGraph, opOfNode, attributeOfNode, nameOfAttribute] = [7, 1, 4, 5, 1];

/**
 * An ONNX model whose operators that draw at random have seeds, so that a session that was just opened always gives the same. Nothing else in it
 * changes.
 *
 * @throws PipelineError `MODEL_INVALID` when the file is no ONNX model.
 */
export function withFixedNoise(model: Uint8Array, file: string): Uint8Array {
  try {
    const fields = fieldsOf(model);
    if (!fields.some(isMessage(graphOfModel))) throw new RangeError('it has no graph');
    return message(...fields.map((field) => (isMessage(graphOfModel)(field) ? part(graphOfModel, seededGraph(field.bytes)) : field.whole)));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PipelineError('MODEL_INVALID', `${file} is no ONNX model: ${cause.message}; fetch the file again`, { cause });
  }
}

function seededGraph(graph: Uint8Array): Uint8Array {
  let seed = 0;
  return message(
    ...fieldsOf(graph).map((field) => {
      if (!isMessage(nodeOfGraph)(field)) return field.whole;
      const parts = fieldsOf(field.bytes);
      if (!random.has(textIn(parts, opOfNode)) || parts.some(isSeed)) return field.whole;
      seed += 1;
      return part(nodeOfGraph, message(field.bytes, part(attributeOfNode, seedAttribute(seed))));
    }),
  );
}

/** An attribute `seed`: a float, as all operators have it. */
function seedAttribute(seed: number): Uint8Array {
  return message(text(nameOfAttribute, 'seed'), float(2, seed), number(20, 1n));
}

function isSeed(field: Field): boolean {
  return isMessage(attributeOfNode)(field) && textIn(fieldsOf(field.bytes), nameOfAttribute) === 'seed';
}

const isMessage =
  (which: number) =>
  (field: Field): field is Field & { readonly bytes: Uint8Array } =>
    field.number === which && field.bytes !== null;

function textIn(fields: readonly Field[], which: number): string {
  const found = fields.find(isMessage(which));
  return found === undefined ? '' : new TextDecoder().decode(found.bytes);
}
