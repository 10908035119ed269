import { BlockSum, cutBlock, type ClipBlock } from '../../diffusion/clip-blocks.ts';
import type { DenoisingModel } from '../../diffusion/guidance.ts';
import type { Tile } from '../../diffusion/tiles.ts';
import { framesOfContext, type TimeChunk } from '../../diffusion/time-chunks.ts';
import type { EnhanceTask } from '../../story/plan/task.ts';
import { axesOf, Tensor } from '../../tensor/tensor.ts';
import { float32Output, type Graph } from '../../engine/graph.ts';

/** What the enhancer is shown of a run of frames. */
export interface EnhancerView {
  readonly graph: Graph;
  readonly params: EnhanceTask['params'];
  /** Chunks of the run; their frames are counted from its first one. */
  readonly chunks: readonly TimeChunk[];
  readonly tiles: readonly Tile[];
  /** Noised latents of the run's key frames, `[1, C, K, h, w]`. */
  readonly hint: Tensor;
}

/**
 * The enhancer as a model of the whole run: it is asked for every chunk of every tile, and what it says of a place is the
 * weighted mean. For a model that predicts v or the clean sample the mean of predictions is the mean of clean samples.
 */
export function enhancerModel(view: EnhancerView): DenoisingModel {
  return async (sample, timestep, context) => {
    const sum = new BlockSum(sample.shape);
    for (const chunk of view.chunks) {
      for (const tile of view.tiles) {
        const block = { chunk, tile };
        sum.add(block, await predict(view, block, sample, timestep, context));
      }
    }
    return sum.total();
  };
}

async function predict(
  { graph, params, hint }: EnhancerView,
  block: ClipBlock,
  sample: Tensor,
  timestep: number,
  context: Tensor,
): Promise<Tensor> {
  const { chunk, tile } = block;
  const { keyStep, hintNoise, scale, told = scale } = params;
  const [batch, , , height, width] = axesOf(sample, 5);
  const keys = { from: chunk.from / keyStep, count: (chunk.count - 1) / keyStep + 1 };
  const shown = repeated(cutBlock(hint, { tile, chunk: { ...keys, weights: chunk.weights } }), batch);
  const part = cutBlock(sample, block);
  const words = framesOfContext(context, chunk);
  const keyOf = BigInt64Array.from({ length: chunk.count }, (_, frame) =>
    frame % keyStep === 0 ? BigInt(frame / keyStep) : -1n,
  );
  const picture = [height, width, tile.rows.start, tile.columns.start];
  const outputs = await graph.run({
    sample: { type: 'float32', shape: part.shape, data: part.data },
    timestep: { type: 'int64', shape: [batch], data: new BigInt64Array(batch).fill(BigInt(timestep)) },
    context: { type: 'float32', shape: words.shape, data: words.data },
    hint: { type: 'float32', shape: shown.shape, data: shown.data },
    keys: { type: 'int64', shape: [chunk.count], data: keyOf },
    hint_timestep: { type: 'int64', shape: [batch], data: new BigInt64Array(batch).fill(BigInt(hintNoise)) },
    scale: { type: 'float32', shape: [batch], data: new Float32Array(batch).fill(told) },
    picture: { type: 'int64', shape: [4], data: BigInt64Array.from(picture, BigInt) },
  });
  const { shape, data } = float32Output(outputs, 'prediction');
  return new Tensor(shape, data);
}

/** `[1, …]` as often as a batch has entries. */
function repeated(one: Tensor, batch: number): Tensor {
  if (batch === 1) return one;
  const data = new Float32Array(batch * one.data.length);
  for (let entry = 0; entry < batch; entry++) data.set(one.data, entry * one.data.length);
  return new Tensor([batch, ...one.shape.slice(1)], data);
}
