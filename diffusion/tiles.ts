/**
 * Tiles of a picture of latent cells, and of what they give, the picture again.
 *
 * Neighbours overlap, and across an overlap the weight of one falls as that of the other rises, along a raised cosine; weights
 * of a point sum to one, so a picture that every tile gives unchanged comes out unchanged. Tiles begin at even cells, where a
 * network that halves the picture halves each tile in the same way.
 */
import { PipelineError } from '../errors/pipeline-error.ts';

/** Least share of a tile's side that it has in common with its neighbour. */
export const leastOverlap = 0.25;

/** A stretch of one side of a picture. */
export interface TileSpan {
  readonly start: number;
  readonly length: number;
  /** How much each of its points counts, 0 … 1; `fine` points to a cell. */
  readonly weights: Float64Array;
}

/** Size in latent cells. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
}

/** A tile: rows and columns; the weight of a point is the product of both. */
export interface Tile {
  readonly rows: TileSpan;
  readonly columns: TileSpan;
}

/**
 * As few spans of `most` cells as cover `length`, spread evenly; the last one of an odd length has a cell more.
 *
 * @param most Even, at least 8; a side that is at most a cell longer is one span.
 * @param fine Weights to a cell: 1 to weigh cells, the pixels of a cell to weigh pixels.
 */
export function tileSpans(length: number, most: number, fine = 1): TileSpan[] {
  if (!Number.isInteger(length) || length < 1 || !Number.isInteger(most) || most < 8 || most % 2 !== 0) {
    throw new PipelineError(
      'INTERNAL',
      `tiles of ${most} cells over ${length}: a tile is even and at least 8, a side at least 1`,
    );
  }
  if (length <= most + 1) return [{ start: 0, length, weights: new Float64Array(length * fine).fill(1) }];
  const furthest = most - Math.ceil(most * leastOverlap);
  let starts = [0];
  do starts = evenStarts(starts.length + 1, length - most);
  while (starts.some((start, index) => index > 0 && start - (starts[index - 1] ?? 0) > furthest));
  const ends = starts.map((start, index) => (index === starts.length - 1 ? length : start + most));
  const shares = starts.map((start, index) => {
    const before = index === 0 ? 0 : ends[index - 1]! - start;
    const after = index === starts.length - 1 ? 0 : ends[index]! - starts[index + 1]!;
    const size = ends[index]! - start;
    return Float64Array.from(
      { length: size * fine },
      (_, point) => rise(point, before * fine) * rise(size * fine - 1 - point, after * fine),
    );
  });
  const sums = new Float64Array(length * fine);
  for (const [index, share] of shares.entries()) {
    share.forEach((each, point) => (sums[starts[index]! * fine + point]! += each));
  }
  return shares.map((share, index) => {
    const start = starts[index]!;
    const weights = share.map((each, point) => each / sums[start * fine + point]!);
    return { start, length: share.length / fine, weights };
  });
}

/** `count` even numbers from 0 to `last` (or one less), spread evenly. */
function evenStarts(count: number, last: number): number[] {
  return Array.from({ length: count }, (_, index) => 2 * Math.floor((index * last) / (count - 1) / 2));
}

/** The tiles of a picture of `height` × `width` cells, row by row. */
export function tilesOf(height: number, width: number, most: CellSize, fine = 1): Tile[] {
  const columns = tileSpans(width, most.width, fine);
  return tileSpans(height, most.height, fine).flatMap((rows) => columns.map((each) => ({ rows, columns: each })));
}

/** From 0 to 1 over the `count` points of an overlap, without either; beyond it 1. `rise(i) + rise(count − 1 − i)` is 1. */
function rise(point: number, count: number): number {
  return point >= count ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (point + 0.5)) / count);
}
