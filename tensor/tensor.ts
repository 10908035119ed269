import { PipelineError } from '../errors/pipeline-error.ts';

/** Sizes of the axes, slowest first. */
export type Shape = readonly number[];

/** Product of the sizes: how many elements an array of this shape holds. A scalar shape `[]` holds one. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Whether two shapes are the same, axis by axis. */
export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((length, axis) => length === right[axis]);
}

/**
 * A dense float32 array with a shape, row-major (last axis fastest). The constructor does not copy: the tensor shares
 * `data` with its maker, who must not change it afterwards.
 */
export class Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;

  /**
   * @throws PipelineError `INTERNAL` when an axis is not a non-negative integer, or when `data` has another length than
   * the shape says.
   */
  constructor(shape: Shape, data: Float32Array) {
    if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
      throw new PipelineError('INTERNAL', `tensor shape [${shape.join(', ')}] has an axis that is not a whole number`);
    }
    if (sizeOf(shape) !== data.length) {
      throw new PipelineError(
        'INTERNAL',
        `tensor of shape [${shape.join(', ')}] needs ${sizeOf(shape)} numbers and was given ${data.length}`,
      );
    }
    this.shape = Object.freeze([...shape]);
    this.data = data;
  }

  /** A tensor of zeros. */
  static zeros(shape: Shape): Tensor {
    return new Tensor(shape, new Float32Array(sizeOf(shape)));
  }
}

/**
 * Checks that a tensor has the expected shape; `null` in `expected` accepts any length.
 *
 * @throws PipelineError `INTERNAL` that names the tensor, its shape and the rule.
 */
export function expectShape(
  name: string,
  tensor: { readonly shape: Shape },
  expected: readonly (number | null)[],
): void {
  const fits =
    tensor.shape.length === expected.length &&
    expected.every((length, axis) => length === null || length === tensor.shape[axis]);
  if (!fits) {
    const rule = expected.map((length) => length ?? 'any').join(', ');
    throw new PipelineError('INTERNAL', `${name} has shape [${tensor.shape.join(', ')}]; it must be [${rule}]`);
  }
}

/** Shapes by their number of axes. */
interface ShapeOfRank {
  readonly 4: readonly [number, number, number, number];
  readonly 5: readonly [number, number, number, number, number];
}

/**
 * The sizes of a tensor's axes, of which there must be as many as said.
 *
 * @throws PipelineError `INTERNAL` when there are more or fewer.
 */
export function axesOf<Rank extends keyof ShapeOfRank>(
  { shape }: { readonly shape: Shape },
  rank: Rank,
): ShapeOfRank[Rank] {
  if (hasRank(shape, rank)) return shape;
  throw new PipelineError('INTERNAL', `a tensor has shape [${shape.join(', ')}]; it must have ${rank} axes`);
}

function hasRank<Rank extends keyof ShapeOfRank>(shape: Shape, rank: Rank): shape is ShapeOfRank[Rank] {
  return shape.length === rank;
}
