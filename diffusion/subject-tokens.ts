/**
 * The coarse branch of VideoBooth: tokens made of a picture take the place of a word. Y. Jiang et al., "VideoBooth:
 * Diffusion-based Video Generation with Image Prompts", 2023, arXiv:2312.00777, section 3.2.
 * Reference: Vchitect/VideoBooth @d10e06f sample_scripts/sample.py.
 *
 * Where we differ: the reference writes a placeholder word and overwrites it; here any word of the prompt can be the place,
 * and its own rows, averaged, are offered to the vision encoder.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { expectShape, Tensor } from '../tensor/tensor.ts';

/** Rows of a context. */
interface Rows {
  readonly first: number;
  readonly count: number;
}

/** The mean of the rows of a word in a context `[1, 1, T, D]`, as `[1, D]`. */
export function wordVector(context: Tensor, { first, count }: Rows): Tensor {
  const [, , length = 0, width = 0] = checkRows(context, { first, count });
  if (count < 1 || first + count > length) throw outside({ first, count }, length);
  const mean = new Float32Array(width);
  for (let row = first; row < first + count; row++) {
    for (let column = 0; column < width; column++) mean[column]! += context.data[row * width + column]! / count;
  }
  return new Tensor([1, width], mean);
}

/**
 * The context `[1, 1, T, D]` with tokens `[n, D]` in the place of a word's rows. It keeps its length: what is pushed behind
 * the end is dropped, and what is pulled in repeats the last row, which is padding of any prompt that is not full.
 */
export function putTokens(context: Tensor, { first, count }: Rows, tokens: Tensor): Tensor {
  const [, , length = 0, width = 0] = checkRows(context, { first, count });
  expectShape('tokens of a subject', tokens, [null, width]);
  if (first + count > length) throw outside({ first, count }, length);
  const numTokens = tokens.shape[0] ?? 0;
  const data = new Float32Array(length * width);
  for (let row = 0; row < length; row++) {
    const isToken = row >= first && row < first + numTokens;
    const from = row < first ? row : Math.min(row - numTokens + count, length - 1);
    const source = isToken ? tokens.data : context.data;
    const start = (isToken ? row - first : from) * width;
    data.set(source.subarray(start, start + width), row * width);
  }
  return new Tensor(context.shape, data);
}

function checkRows(context: Tensor, { first }: Rows): readonly number[] {
  expectShape('text context', context, [1, 1, null, null]);
  if (first < 0) throw outside({ first, count: 0 }, context.shape[2] ?? 0);
  return context.shape;
}

function outside({ first, count }: Rows, length: number): PipelineError {
  return new PipelineError(
    'INTERNAL',
    `a word has rows ${first} to ${first + count - 1} of ${length}; it must have some of them`,
  );
}
