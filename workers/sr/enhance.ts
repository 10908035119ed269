import type { DenoiseSettings } from '../../diffusion/denoise.ts';
import { chunkedDenoiser, keysOfChunk } from '../../diffusion/chunked-denoiser.ts';
import { enhancerStart, enhancerSteps } from '../../diffusion/enhancer-steps.ts';
import { growingChunks } from '../../diffusion/growing-chunks.ts';
import { diffuse, frameNoise } from '../../diffusion/frame-noise.ts';
import { guidedDenoiser } from '../../diffusion/guidance.ts';
import { alphaBarAt } from '../../diffusion/schedule/sampling-steps.ts';
import { alphaBars } from '../../diffusion/schedule/schedule.ts';
import { samplerNamed } from '../../diffusion/samplers/named-sampler.ts';
import { tilesOf, type CellSize } from '../../diffusion/tiles.ts';
import { chunksFor, framesOfContext, timeChunks, type TimeChunk } from '../../diffusion/time-chunks.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { fixColour } from '../../media/colour-fix.ts';
import { writeFrameFile } from '../../media/frame-file.ts';
import { enhancerManifest } from '../../story/models/model-manifest.ts';
import type { EnhanceTask } from '../../story/plan/task.ts';
import type { PhiloxStream } from '../../tensor/philox.ts';
import { quantizePixels } from '../../tensor/pixels.ts';
import { axesOf, type Shape, Tensor } from '../../tensor/tensor.ts';
import { encodeClipText } from '../sampling/clip-text.ts';
import {
  blendedFrames,
  type DecodeWindows,
  decodeWindows,
  framesFirst,
  windowsOver,
} from '../sampling/decode-windows.ts';
import { denoiseResumed } from '../sampling/resumed-denoising.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { enhancerModel } from './enhance-model.ts';
import { cropPicture, openEnhanceSource, padPicture, type EnhanceSource } from './enhance-source.ts';
import { openTiledVae, type TiledVae } from './vae-tiles.ts';

/**
 * Cells of a tile of autoencoder and enhancer, where the task names none. Tiles are part of the recipe and not of memory: other tiles make
 * other pictures. A retry after running out of memory asks for one prediction at a time, which rounds sums otherwise
 * and changes nothing else.
 */
const usualTile: CellSize = { width: 64, height: 36 };

/**
 * Frames of a clip, enhanced. They are enlarged, encoded, noised, and denoised again with the enlarged frames as hints; then
 * decoded, and given back their colours. The chunks in which the model sees frames lie on a grid of the whole clip and noise
 * belongs to a frame, so parts of a clip that are made apart agree where they meet: every part works on the frames around it
 * too, and drops them.
 *
 * @throws PipelineError `NUMERIC_INVALID`, `MODEL_INVALID`, `ARTIFACT_CORRUPT`, `RESOURCE_*`.
 */
export const runEnhance: Pipeline<EnhanceTask> = async (task, job) => {
  const { params } = task;
  const { tile = usualTile } = params;
  const vae = await openTiledVae(job, tile);
  const source = await openEnhanceSource(task, job, vae);
  try {
    const cells = { width: source.size.paddedWidth / vae.downscale, height: source.size.paddedHeight / vae.downscale };
    const run = runOf(params, vae.windows);
    const keys = await encodeKeys(source, run, params.keyStep, { vae, cells, job });
    const latents = await denoiseRun(task, job, { run, keys, tiles: tilesOf(cells.height, cells.width, tile) });
    await writeFrames(task, job, { source, vae, cells, latents, run });
  } finally {
    await source.close();
  }
};

/** A run of frames of the clip that is worked on together; the frames of its chunks are counted from its first. */
interface EnhanceRun {
  readonly from: number;
  readonly count: number;
  readonly chunks: readonly TimeChunk[];
}

function runOf(params: EnhanceTask['params'], windows: DecodeWindows | null): EnhanceRun {
  const { frames, chunk, keyStep, loop } = params;
  const grid = loop === 'venhancer' ? growingChunks(frames, chunk, keyStep) : timeChunks(frames, chunk, keyStep);
  const chunks = chunksFor(grid, decodedWith(params, windows));
  const first = chunks[0]?.from ?? 0;
  const end = Math.max(...chunks.map((each) => each.from + each.count));
  return { from: first, count: end - first, chunks: chunks.map((each) => ({ ...each, from: each.from - first })) };
}

/** The frames that are decoded together with those of a part. */
function decodedWith(
  { frames, from, count }: EnhanceTask['params'],
  windows: DecodeWindows | null,
): { readonly from: number; readonly count: number } {
  if (windows === null) return { from, count };
  const chosen = windowsOver(decodeWindows(frames, windows), { from, count });
  const first = Math.min(from, ...chosen.map((window) => window.from));
  const end = Math.max(from + count, ...chosen.map((window) => window.from + window.count));
  return { from: first, count: end - first };
}

interface Workshop {
  readonly vae: TiledVae;
  readonly cells: CellSize;
  readonly job: EngineJob;
}

/** Latents of the run's key frames, `[1, C, K, h, w]`. */
async function encodeKeys(
  source: EnhanceSource,
  run: EnhanceRun,
  keyStep: number,
  { vae, cells, job }: Workshop,
): Promise<Tensor> {
  const count = (run.count - 1) / keyStep + 1;
  const plane = cells.height * cells.width;
  const keys = Tensor.zeros([1, vae.channels, count, cells.height, cells.width]);
  for (let key = 0; key < count; key++) {
    const picture = padPicture(await source.frame(run.from + key * keyStep), source.size);
    const latents = await vae.encode(picture, cells);
    for (let channel = 0; channel < vae.channels; channel++) {
      keys.data.set(latents.subarray(channel * plane, (channel + 1) * plane), (channel * count + key) * plane);
    }
    await job.throwIfCancelled();
  }
  return keys;
}

interface RunInput {
  readonly run: EnhanceRun;
  readonly keys: Tensor;
  readonly tiles: ReturnType<typeof tilesOf>;
}

async function denoiseRun(task: EnhanceTask, job: EngineJob, { run, keys, tiles }: RunInput): Promise<Tensor> {
  const { params } = task;
  const { seed, start, hintNoise, keyStep, guidance, rescale, sharedNoise } = params;
  const manifest = enhancerManifest(job.manifest('enhance'));
  const table = alphaBars(manifest.schedule);
  const [, channels, , height, width] = axesOf(keys, 5);
  const shape: Shape = [1, channels, run.count, height, width];
  const random = { seed, stream: 'enhance' };
  // The same noise for every frame: what stands still in the source is painted the same in each.
  const draw = (stream: PhiloxStream, ofShape: Shape, step = 1): Float32Array =>
    sharedNoise === true ? frameNoise(stream, ofShape, 0, 0) : frameNoise(stream, ofShape, run.from, step);
  const settings: DenoiseSettings = {
    steps: enhancerSteps(
      manifest.schedule,
      start,
      params.list ?? params.steps,
      params.sampler === 'heun' ? 'heun' : 'dpmpp-2m-sde',
    ),
    sampler: samplerNamed(params.sampler, manifest.sampler),
    prediction: manifest.prediction,
    random,
    noise: (step) => draw({ ...random, step }, shape),
  };
  const hintRandom = { seed, stream: 'enhance-hint', step: 0 };
  const hint = diffuse(keys, draw(hintRandom, keys.shape, keyStep), alphaBarAt(table, hintNoise, 'log'));
  const graph = await job.graphs('enhance', 'enhancer');
  const { positive, negative } = await encodeClipText(job, 'enhance', params, null);
  const words = [positive, negative].map((context) => framesOfContext(context, run)) as [Tensor, Tensor];
  const guided = (chunks: readonly TimeChunk[], ofShape: Shape, shown: Tensor, [to, away]: typeof words) =>
    guidedDenoiser(enhancerModel({ graph, params, chunks, tiles, hint: shown }), ofShape, {
      positive: to,
      negative: away,
      scale: guidance,
      rescale,
      condition: null,
      batched: job.shrink === 0,
    });
  const alone = (chunk: TimeChunk) =>
    guided(
      [{ from: 0, count: chunk.count, weights: new Float64Array(chunk.count).fill(1) }],
      [1, channels, chunk.count, height, width],
      keysOfChunk(hint, chunk, keyStep),
      words.map((context) => framesOfContext(context, chunk)) as typeof words,
    );
  const isPublished = params.loop === 'venhancer';
  const denoiser = isPublished ? chunkedDenoiser(shape, run.chunks, alone) : guided(run.chunks, shape, hint, words);
  const alphaBar = settings.steps[0]?.alphaBar ?? 1;
  const first = (): Tensor => {
    const noised = diffuse(repeatKeys(keys, run.count, keyStep), draw({ ...random, step: 0 }, shape), alphaBar);
    return isPublished ? enhancerStart(noised, settings.steps) : noised;
  };
  return denoiseResumed(job, { key: task.key, shape, settings, denoiser, first });
}

/** Every frame's key, or the one before it, as VEnhancer repeats them: `[1, C, frames, h, w]`. */
function repeatKeys(keys: Tensor, frames: number, keyStep: number): Tensor {
  if (keyStep === 1) return keys;
  const [, channels, count, height, width] = axesOf(keys, 5);
  const plane = height * width;
  const repeated = Tensor.zeros([1, channels, frames, height, width]);
  for (let channel = 0; channel < channels; channel++) {
    for (let frame = 0; frame < frames; frame++) {
      const from = (channel * count + Math.floor(frame / keyStep)) * plane;
      repeated.data.set(keys.data.subarray(from, from + plane), (channel * frames + frame) * plane);
    }
  }
  return repeated;
}

interface MadeRun extends Omit<Workshop, 'job'> {
  readonly source: EnhanceSource;
  readonly latents: Tensor;
  readonly run: EnhanceRun;
}

/** The frames that are kept, decoded: one at a time, or those of a window together where the decoder looks at neighbours. */
async function* decodedFrames(
  { frames, from, count }: EnhanceTask['params'],
  { vae, cells, latents, run }: MadeRun,
): AsyncGenerator<Float32Array> {
  const grid = decodeWindows(frames, vae.windows ?? { frames: 1, overlap: 0 });
  yield* blendedFrames(grid, { from, count }, (window) =>
    vae.decode(framesFirst(latents, window.from - run.from, window.count), cells),
  );
}

/** Decodes the frames that are kept, and writes them. */
async function writeFrames(task: EnhanceTask, job: EngineJob, made: MadeRun): Promise<void> {
  const { source } = made;
  const { from, count, colour } = task.params;
  const { width, height } = source.size;
  const area = width * height;
  const data = new Uint8Array(count * 3 * area);
  let index = 0;
  for await (const decoded of decodedFrames(task.params, made)) {
    const picture = cropPicture(decoded, source.size);
    const plain = colour === 'none' ? null : await source.frame(from + index);
    for (let channel = 0; channel < 3; channel++) {
      const part = picture.subarray(channel * area, (channel + 1) * area);
      const original = plain?.subarray(channel * area, (channel + 1) * area);
      const fixed =
        original === undefined || colour === 'none'
          ? part
          : fixColour({ width, height, data: part }, { width, height, data: original }, colour);
      requireFinite(quantizePixels(fixed, data, (index * 3 + channel) * area), from + index);
    }
    index++;
    job.progress('frame', index, count);
    await job.throwIfCancelled();
  }
  await writeFrameFile(job.outputFile, { count, width, height, data });
}

function requireFinite(numInvalid: number, frame: number): void {
  if (numInvalid === 0) return;
  throw new PipelineError(
    'NUMERIC_INVALID',
    `${numInvalid} pixels of enhanced frame ${frame} are NaN or infinite; check the vae and enhance packages`,
    { details: { frame, numInvalid } },
  );
}
