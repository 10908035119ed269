/**
 * An upscaler that denoises: Y. Wang et al., "LaVie", 2023, arXiv:2309.15103, section 3.3, after the x4 upscaler of Stable
 * Diffusion (R. Rombach et al., 2022, arXiv:2112.10752, section 4.4). Reference: Vchitect/LaVie @6ce851e, `vsr/sample.py`.
 *
 * The model is shown the frames, with a little noise on them, as channels behind the noisy latents, and is told how noisy
 * they are. A latent cell is a pixel of the frames; the decoder makes four by four pixels of it.
 *
 * | here | reference |
 * | --- | --- |
 * | `chunk` 8 frames, half of them shared with the next | groups of 8, one behind the other, with hard cuts |
 * | `noiseLevel` | 50 |
 *
 * Where we differ: chunks (and tiles of a package that names smaller ones) overlap, and each step of the solver goes on from the weighted
 * mean of what they predict; noise belongs to a frame, so segments that are made apart agree where they meet. Segments of
 * an enhanced shot are clips of their own to this model: their frames agree as far as enhanced frames do.
 */
import { cutBlock, BlockSum } from '../../diffusion/clip-blocks.ts';
import type { DenoiseSettings } from '../../diffusion/denoise.ts';
import { diffuse, frameNoise } from '../../diffusion/frame-noise.ts';
import { guidedDenoiser, type DenoisingModel } from '../../diffusion/guidance.ts';
import { alphaBars } from '../../diffusion/schedule/schedule.ts';
import { samplerNamed } from '../../diffusion/samplers/named-sampler.ts';
import { tilesOf, type CellSize, type Tile } from '../../diffusion/tiles.ts';
import { chunksFor, framesOfContext, timeChunks, type TimeChunk } from '../../diffusion/time-chunks.ts';
import { fullWindow } from '../../diffusion/windows.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { RgbFrames } from '../../media/frame-file.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import type { Yuv420Frame } from '../../media/segment-encoder.ts';
import type { UpscalerManifest } from '../../story/models/model-manifest.ts';
import type { SegmentTask, UpscaleParams } from '../../story/plan/task.ts';
import { resizePlane } from '../../tensor/resize.ts';
import { axesOf, type Shape, Tensor } from '../../tensor/tensor.ts';
import { encodeClipText } from '../sampling/clip-text.ts';
import { denoiseResumed } from '../sampling/resumed-denoising.ts';
import { stepsOf } from '../sampling/sampling-plan.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output, type Graph } from '../../engine/graph.ts';
import type { FramedClip } from './framed-clip.ts';
import type { PictureSize } from '../../media/frame-part.ts';
import { tiledDecoder } from './vae-tiles.ts';

/**
 * Cells of a tile of the model, which are pixels of the frames, where its package names none: whole frames of the published sizes. Other
 * tiles make other pictures, so they follow from the package and never from memory.
 */
const usualTile: CellSize = { width: 640, height: 640 };
/** Most cells of a tile of the decoder. */
const largestDecoded: CellSize = { width: 128, height: 128 };

/** Frames of a clip that are denoised together; chunks count from the first of them. */
export interface UpscaleRun {
  readonly from: number;
  readonly count: number;
  readonly chunks: readonly TimeChunk[];
}

/** The frames that a segment is made with: its own, and those that its chunks reach beyond them. */
export function upscaleRun(
  { frames, chunk }: Pick<UpscaleParams, 'frames' | 'chunk'>,
  segment: { readonly from: number; readonly count: number },
): UpscaleRun {
  const chunks = chunksFor(timeChunks(frames, chunk, 1), segment);
  const from = chunks[0]?.from ?? 0;
  const end = Math.max(...chunks.map((each) => each.from + each.count));
  return { from, count: end - from, chunks: chunks.map((each) => ({ ...each, from: each.from - from })) };
}

/**
 * The pictures of a segment, one after the other.
 *
 * @throws PipelineError `MODEL_INVALID` when the upscaler of the task does not denoise, `NUMERIC_INVALID`, `RESOURCE_*`.
 */
export async function* upscaleByDiffusion(
  task: SegmentTask,
  params: UpscaleParams,
  clip: FramedClip,
  job: EngineJob,
): AsyncGenerator<Yuv420Frame> {
  const manifest = job.manifest('upscale');
  if (manifest.role !== 'upscale' || manifest.diffusion === undefined || manifest.latent === undefined) {
    throw new PipelineError(
      'MODEL_INVALID',
      `package ${manifest.name} does not upscale by denoising and the task was planned for one that does; submit the story again`,
    );
  }
  const { from, count } = task.params;
  const run = upscaleRun(params, task.params);
  const latents = await denoiseRun(task, job, { params, manifest, diffusion: manifest.diffusion, clip, run });
  const decoder = await job.graphs('upscale', 'decoder');
  const { tile = usualTile } = manifest.diffusion;
  const decode = tiledDecoder(decoder, manifest.latent, {
    width: Math.min(tile.width, largestDecoded.width),
    height: Math.min(tile.height, largestDecoded.height),
  });
  const [, channels, frames, rows, columns] = axesOf(latents, 5);
  const plane = rows * columns;
  for (let index = 0; index < count; index++) {
    await job.throwIfCancelled();
    const ofFrame = new Float32Array(channels * plane);
    for (let channel = 0; channel < channels; channel++) {
      const place = (channel * frames + from - run.from + index) * plane;
      ofFrame.set(latents.data.subarray(place, place + plane), channel * plane);
    }
    const picture = await decode(ofFrame, { width: columns, height: rows });
    const side = manifest.latent.downscale;
    yield toFilm(picture, { width: columns * side, height: rows * side }, clip.size, from + index);
  }
}

interface RunInput {
  readonly params: UpscaleParams;
  readonly manifest: UpscalerManifest;
  readonly diffusion: NonNullable<UpscalerManifest['diffusion']>;
  readonly clip: FramedClip;
  readonly run: UpscaleRun;
}

/** Latents of the run, `[1, C, F, h, w]`. */
async function denoiseRun(
  task: SegmentTask,
  job: EngineJob,
  { params, manifest, diffusion, clip, run }: RunInput,
): Promise<Tensor> {
  const { height, width } = clip;
  const shape: Shape = [1, manifest.latent?.channels ?? 0, run.count, height, width];
  const shownShape: Shape = [1, 3, run.count, height, width];
  const shown = new Tensor(shownShape, asClip(await clip.read(run.from, run.count)));
  const alphaBar = alphaBars(diffusion.noiseSchedule)[params.noiseLevel];
  if (alphaBar === undefined) {
    throw new PipelineError(
      'MODEL_INVALID',
      `${manifest.name}: diffusion.noiseLevel ${params.noiseLevel} is beyond the ${diffusion.noiseSchedule.trainSteps} steps of its noiseSchedule; correct its model.json`,
    );
  }
  const random = { seed: params.seed, stream: 'upscale' };
  const shownRandom = { seed: params.seed, stream: 'upscale-shown', step: 0 };
  const settings: DenoiseSettings = {
    steps: stepsOf(diffusion, params.steps, params.sampler),
    sampler: samplerNamed(params.sampler, diffusion.sampler),
    prediction: diffusion.prediction,
    random,
    noise: (step) => frameNoise({ ...random, step }, shape, run.from),
  };
  const graph = await job.graphs('upscale', 'denoiser');
  const tiles = tilesOf(height, width, diffusion.tile ?? usualTile);
  const text = await encodeClipText(job, 'upscale', params, null);
  const ofRun = (context: Tensor): Tensor => framesOfContext(context, run);
  const denoiser = guidedDenoiser(blockedModel(graph, params.noiseLevel, run.chunks, tiles), shape, {
    positive: ofRun(text.positive),
    negative: ofRun(text.negative),
    scale: params.guidance,
    rescale: params.rescale,
    condition: diffuse(shown, frameNoise(shownRandom, shownShape, run.from), alphaBar),
    batched: job.shrink === 0,
  });
  const first = (): Tensor => new Tensor(shape, frameNoise({ ...random, step: 0 }, shape, run.from));
  return denoiseResumed(job, { key: task.key, shape, settings, denoiser, first });
}

/** The upscaler as a model of the whole run: it is asked for every chunk of every tile, and their predictions are mixed. */
function blockedModel(
  graph: Graph,
  noiseLevel: number,
  chunks: readonly TimeChunk[],
  tiles: readonly Tile[],
): DenoisingModel {
  return async (sample, timestep, context) => {
    const [batch, channels, ...rest] = axesOf(sample, 5);
    const sum = new BlockSum([batch, channels - 3, ...rest]);
    const all = (value: number): BigInt64Array => new BigInt64Array(batch).fill(BigInt(value));
    for (const chunk of chunks) {
      const words = framesOfContext(context, chunk);
      const window = fullWindow(chunk.count);
      for (const tile of tiles) {
        const part = cutBlock(sample, { chunk, tile });
        const outputs = await graph.run({
          sample: { type: 'float32', shape: part.shape, data: part.data },
          timestep: { type: 'int64', shape: [batch], data: all(timestep) },
          noise_level: { type: 'int64', shape: [batch], data: all(noiseLevel) },
          context: { type: 'float32', shape: words.shape, data: words.data },
          freeu: { type: 'float32', shape: [4], data: Float32Array.of(1, 1, 1, 1) },
          windows: { type: 'int64', shape: window.shape, data: window.frames },
          window_weights: { type: 'float32', shape: window.shape, data: window.weights },
        });
        const { shape, data } = float32Output(outputs, 'prediction');
        sum.add({ chunk, tile }, new Tensor(shape, data));
      }
    }
    return sum.total();
  };
}

/** Frames `[count, 3, H, W]`, bytes as numbers in −1 … 1, as a clip `[3, count, H, W]`. */
export function asClip({ count, width, height, data }: RgbFrames): Float32Array {
  const area = width * height;
  const clip = new Float32Array(data.length);
  for (let frame = 0; frame < count; frame++) {
    for (let colour = 0; colour < 3; colour++) {
      const [from, to] = [(frame * 3 + colour) * area, (colour * count + frame) * area];
      for (let pixel = 0; pixel < area; pixel++) clip[to + pixel] = (data[from + pixel] ?? 0) / 127.5 - 1;
    }
  }
  return clip;
}

/** A decoded picture `[3, H, W]` at the size of the film, as the encoder takes it. */
function toFilm(picture: Float32Array, from: PictureSize, film: PictureSize, frame: number): Yuv420Frame {
  if (!picture.every(Number.isFinite)) {
    throw new PipelineError(
      'NUMERIC_INVALID',
      `upscaled frame ${frame} has pixels that are NaN or infinite; check the upscale package`,
      { details: { frame } },
    );
  }
  const area = from.width * from.height;
  const rgb = new Float32Array(3 * film.width * film.height);
  for (let colour = 0; colour < 3; colour++) {
    const data = picture.subarray(colour * area, (colour + 1) * area);
    const plane = resizePlane({ ...from, data }, film.width, film.height, 'lanczos');
    rgb.set(plane, colour * film.width * film.height);
  }
  return frameToYuv(rgb, film.width, film.height);
}
