import { tilesOf, type CellSize } from '../../diffusion/tiles.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { expectShape } from '../../tensor/tensor.ts';
import type { DecodeWindows } from '../sampling/decode-windows.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output, type Graph } from '../../engine/graph.ts';

/** The autoencoder of a model set, a tile at a time; overlaps are mixed with smooth weights. */
export interface TiledVae {
  readonly channels: number;
  /** Pixels to a cell. */
  readonly downscale: number;
  /** A picture `[3, H, W]` in −1 … 1, sides multiples of `downscale`, to latents `[C, h, w]`, scaled. */
  encode(picture: Float32Array, cells: CellSize): Promise<Float32Array>;
  /** Latents `[C, h, w]` to a picture `[3, H, W]` in about −1 … 1; of several frames `[N, C, h, w]` to `[N, 3, H, W]` in one call. */
  decode(latents: Float32Array, cells: CellSize): Promise<Float32Array>;
  /** What a decoder that looks at neighbouring frames is given together; `null` for one that does not. */
  readonly windows: DecodeWindows | null;
}

/** Opens the autoencoder of a job's `vae` package for tiles of at most `tile` cells. */
export async function openTiledVae(job: EngineJob, tile: CellSize): Promise<TiledVae> {
  const manifest = job.manifest('vae');
  if (manifest.role !== 'vae') {
    throw new PipelineError('MODEL_INVALID', `package ${manifest.name} has role ${manifest.role}; enhancing needs vae`);
  }
  const { channels, downscale, scale } = manifest.latent;
  const encoder = await job.graphs('vae', 'encoder');
  const decoder = await job.graphs('vae', 'decoder');
  return {
    channels,
    downscale,
    encode: async (picture, cells) => {
      const plan = { cells, tile, from: { channels: 3, side: downscale }, to: { channels, side: 1 } };
      const latents = await throughTiles(picture, plan, (part, shape) =>
        call(encoder, 'frames', 'latents', part, shape),
      );
      return latents.map((value) => value * scale);
    },
    decode: tiledDecoder(decoder, manifest.latent, tile),
    windows: manifest.temporal?.enhanced ?? null,
  };
}

/** The decoder of latents `[C, h, w]`, scaled, to a picture `[3, H, W]` in about −1 … 1, for tiles of at most `tile` cells. */
export function tiledDecoder(
  decoder: Graph,
  { channels, downscale, scale }: { readonly channels: number; readonly downscale: number; readonly scale: number },
  tile: CellSize,
): TiledVae['decode'] {
  return (latents, cells) => {
    const count = latents.length / (channels * cells.height * cells.width);
    const plan = { cells, tile, from: { channels, side: 1 }, to: { channels: 3, side: downscale }, count };
    const unscaled = latents.map((value) => value / scale);
    return throughTiles(unscaled, plan, (part, shape) => call(decoder, 'latents', 'frames', part, shape));
  };
}

/** Channels, and points to the side of a cell. */
interface Grid {
  readonly channels: number;
  readonly side: number;
}

async function throughTiles(
  whole: Float32Array,
  {
    cells,
    tile,
    from,
    to,
    count = 1,
  }: {
    readonly cells: CellSize;
    readonly tile: CellSize;
    readonly from: Grid;
    readonly to: Grid;
    /** Pictures that go through together. */
    readonly count?: number;
  },
  run: (part: Float32Array, shape: readonly number[]) => Promise<{ shape: readonly number[]; data: Float32Array }>,
): Promise<Float32Array> {
  const sums = new Float32Array(count * to.channels * cells.height * to.side * cells.width * to.side);
  const [fromWidth, toWidth] = [cells.width * from.side, cells.width * to.side];
  for (const { rows, columns } of tilesOf(cells.height, cells.width, tile, to.side)) {
    const shape = [count, from.channels, rows.length * from.side, columns.length * from.side] as const;
    const part = new Float32Array(count * shape[1] * shape[2] * shape[3]);
    for (let line = 0; line < count * shape[1] * shape[2]; line++) {
      const [channel, row] = [Math.floor(line / shape[2]), line % shape[2]];
      const start =
        (channel * cells.height * from.side + rows.start * from.side + row) * fromWidth + columns.start * from.side;
      part.set(whole.subarray(start, start + shape[3]), line * shape[3]);
    }
    const made = await run(part, shape);
    const [height, width] = [rows.length * to.side, columns.length * to.side];
    expectShape('what the autoencoder makes of a tile', made, [count, to.channels, height, width]);
    for (let line = 0; line < count * to.channels * height; line++) {
      const [channel, row] = [Math.floor(line / height), line % height];
      const start = (channel * cells.height * to.side + rows.start * to.side + row) * toWidth + columns.start * to.side;
      const share = rows.weights[row] ?? 0;
      for (const [point, weight] of columns.weights.entries()) {
        sums[start + point] = (sums[start + point] ?? 0) + share * weight * (made.data[line * width + point] ?? 0);
      }
    }
  }
  return sums;
}

async function call(graph: Graph, input: string, output: string, data: Float32Array, shape: readonly number[]) {
  return float32Output(await graph.run({ [input]: { type: 'float32', shape, data } }), output);
}
