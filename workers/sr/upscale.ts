import { PipelineError } from '../../errors/pipeline-error.ts';
import type { PictureSize } from '../../media/frame-part.ts';
import type { RgbFrames } from '../../media/frame-file.ts';
import type { Yuv420Frame } from '../../media/segment-encoder.ts';
import type { Graph, GraphTensors } from '../../engine/graph.ts';

/** A model call makes about this many pixels: one frame of 4K, four of full HD. Its features take some 50 bytes for each. */
const pixelsPerCall = 3840 * 2160;
const mostFramesPerCall = 4;

/** How many frames to upscale in one model call; each retry level halves it. */
export function framesPerCall({ width, height }: PictureSize, shrink: number): number {
  const fits = Math.min(mostFramesPerCall, Math.floor(pixelsPerCall / (width * height)));
  return Math.max(1, Math.floor(fits / 2 ** shrink));
}

/**
 * Runs the upscaler once.
 * @returns one picture per frame, as views of the graph's outputs.
 * @throws PipelineError `MODEL_INVALID` when the graph answers with planes of another size.
 */
export async function upscale(graph: Graph, frames: RgbFrames, size: PictureSize): Promise<readonly Yuv420Frame[]> {
  const outputs = await graph.run({
    frames: { type: 'float32', shape: [frames.count, 3, frames.height, frames.width], data: toUnitRange(frames.data) },
    size: { type: 'int64', shape: [2], data: BigInt64Array.of(BigInt(size.height), BigInt(size.width)) },
  });
  const luma = size.width * size.height;
  const [y, u, v] = [
    plane(outputs, 'y', frames.count * luma),
    plane(outputs, 'u', (frames.count * luma) / 4),
    plane(outputs, 'v', (frames.count * luma) / 4),
  ];
  return Array.from({ length: frames.count }, (_, n) => ({
    y: y.subarray(n * luma, (n + 1) * luma),
    u: u.subarray((n * luma) / 4, ((n + 1) * luma) / 4),
    v: v.subarray((n * luma) / 4, ((n + 1) * luma) / 4),
  }));
}

function plane(outputs: GraphTensors, name: string, bytes: number): Uint8Array {
  const tensor = outputs[name];
  if (tensor?.type !== 'uint8' || tensor.data.length !== bytes) {
    throw new PipelineError(
      'MODEL_INVALID',
      `The upscaler's output ${name} is ${tensor === undefined ? 'absent' : `${tensor.type} [${tensor.shape.join(', ')}]`}; it must be uint8 of ${String(bytes)} elements; export the package again`,
      { details: { output: name } },
    );
  }
  return tensor.data;
}

/** Bytes 0…255 to floats −1…1. */
function toUnitRange(bytes: Uint8Array): Float32Array {
  const floats = new Float32Array(bytes.length);
  bytes.forEach((value, index) => {
    floats[index] = value / 127.5 - 1;
  });
  return floats;
}
