/**
 * Blocks of a clip of latents: some frames of a tile. A model that sees one block at a time gives the whole clip as the weighted
 * sum of what it gives for each.
 */
import { axesOf, expectShape, type Shape, Tensor } from '../tensor/tensor.ts';
import type { Tile } from './tiles.ts';
import type { TimeChunk } from './time-chunks.ts';

/** A block; its frames are counted from the first one of the tensor that it is cut from. */
export interface ClipBlock {
  readonly chunk: TimeChunk;
  readonly tile: Tile;
}

/** The part of `[B, C, F, H, W]` in a block, `[B, C, chunk, rows, columns]`. */
export function cutBlock(clip: Tensor, { chunk, tile }: ClipBlock): Tensor {
  const { rows, columns } = tile;
  const [batch, channels] = axesOf(clip, 5);
  const block = Tensor.zeros([batch, channels, chunk.count, rows.length, columns.length]);
  eachRow(clip.shape, { chunk, tile }, (whole, part) => {
    block.data.set(clip.data.subarray(whole, whole + columns.length), part);
  });
  return block;
}

/** Adds blocks up to a clip. */
export class BlockSum {
  readonly #shape: Shape;
  readonly #sums: Float64Array;

  /** @param shape `[B, C, F, H, W]` of the whole. */
  constructor(shape: Shape) {
    this.#shape = shape;
    this.#sums = new Float64Array(shape.reduce((product, length) => product * length, 1));
  }

  /** Adds what belongs to a block, each number times the weights of its frame, row and column. */
  add(block: ClipBlock, part: Tensor): void {
    const { chunk, tile } = block;
    expectShape('a block', part, [...this.#shape.slice(0, 2), chunk.count, tile.rows.length, tile.columns.length]);
    const weights = tile.columns.weights;
    eachRow(this.#shape, block, (whole, from, frame, row) => {
      const share = chunk.weights[frame]! * tile.rows.weights[row]!;
      for (let column = 0; column < weights.length; column++) {
        this.#sums[whole + column]! += share * weights[column]! * part.data[from + column]!;
      }
    });
  }

  /** The sum, as float32. */
  total(): Tensor {
    return new Tensor(this.#shape, Float32Array.from(this.#sums));
  }
}

/** Visits the rows of a block: where each begins in the whole and in the block, its frame and its row. */
function eachRow(
  shape: Shape,
  { chunk, tile }: ClipBlock,
  visit: (whole: number, part: number, frame: number, row: number) => void,
): void {
  const [batch, channels, frames, height, width] = axesOf({ shape }, 5);
  const { rows, columns } = tile;
  let part = 0;
  for (let picture = 0; picture < batch * channels; picture++) {
    for (let frame = 0; frame < chunk.count; frame++) {
      for (let row = 0; row < rows.length; row++) {
        const place = ((picture * frames + chunk.from + frame) * height + rows.start + row) * width;
        visit(place + columns.start, part, frame, row);
        part += columns.length;
      }
    }
  }
}
