import { onCanvas, type PictureSize } from '../../media/frame-part.ts';
import type { ReadableClip, RgbFrames } from '../../media/frame-file.ts';
import { openSegmentEncoder, type SegmentEncoder, type Yuv420Frame } from '../../media/segment-encoder.ts';
import { middle } from '../../story/plan/framing.ts';
import type { SegmentTask } from '../../story/plan/task.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { openClip } from '../sampling/open-clip.ts';
import { upscaleByDiffusion } from './diffusion-upscaler.ts';
import { ofSize, upscaleByLanczos } from './lanczos.ts';
import { frameClip } from './framed-clip.ts';
import { pacedClip } from './paced-clip.ts';
import type { FramedClip } from './framed-clip.ts';
import { framesPerCall, upscale } from './upscale.ts';

/**
 * Frames of a clip to an encoded segment, a few frames at a time. Memory holds one model call and the pictures of the one
 * before it, which are encoded meanwhile; it does not grow with the length of clip or segment.
 *
 * @throws PipelineError `ARTIFACT_CORRUPT` when the clip lacks the frames, `MODEL_INVALID`, `MEDIA_FAILED`, `RESOURCE_*`.
 */
export const runSegment: Pipeline<SegmentTask> = async (task, job) => {
  const { count, width, height, fps } = task.params;
  const clip = await openClip(job.inputFiles, task.params.footage);
  try {
    const encoder = new PictureQueue(await openSegmentEncoder({ file: job.outputFile, width, height, fps }));
    try {
      let done = 0;
      for await (const pictures of picturesOf(task, clip, job)) {
        await encoder.push(pictures);
        done += pictures.length;
        job.progress('frame', done, count);
      }
      await encoder.close();
    } finally {
      await encoder.abort();
    }
  } finally {
    await clip.close();
  }
};

/** The pictures of a segment at the size of the film, a few at a time. */
async function* picturesOf(
  task: SegmentTask,
  file: ReadableClip,
  job: EngineJob,
): AsyncGenerator<readonly Yuv420Frame[]> {
  const { from, width, height, pace, diffusion } = task.params;
  // A latent cell of an upscaler that denoises is a pixel, and its levels halve them. Tasks without framing are cropped for it too.
  const framing = task.params.framing ?? (diffusion === undefined ? undefined : { kind: 'crop', focus: middle });
  const run = pace === undefined ? file : pacedClip(file, pace);
  const clip = frameClip(run, { width, height }, { framing, even: diffusion !== undefined, from });
  for await (const pictures of enlarged(task, clip, job)) {
    yield pictures.map((picture) => onCanvas(picture, clip.place, { width, height }));
  }
}

async function* enlarged(task: SegmentTask, clip: FramedClip, job: EngineJob): AsyncGenerator<readonly Yuv420Frame[]> {
  const { from, count, diffusion } = task.params;
  if (diffusion !== undefined) {
    for await (const picture of upscaleByDiffusion(task, diffusion, clip, job)) yield [picture];
    return;
  }
  const enlarge = await upscalerOf(task, clip.size, job);
  const step = framesPerCall(clip.size, job.shrink);
  for (let done = 0; done < count; done += step) {
    await job.throwIfCancelled();
    const want = { from: from + done, count: Math.min(step, count - done) };
    const read = withContext(want, enlarge.context, clip.numFrames);
    const pictures = await enlarge.run(await clip.read(read.from, read.count));
    yield pictures.slice(want.from - read.from, want.from - read.from + want.count);
  }
}

interface FrameUpscaler {
  /** Frames on each side that a result depends on. */
  readonly context: number;
  run(frames: RgbFrames): Promise<readonly Yuv420Frame[]>;
}

async function upscalerOf({ params }: SegmentTask, size: PictureSize, job: EngineJob): Promise<FrameUpscaler> {
  if (params.upscaler === 'none') {
    return { context: 0, run: (frames) => Promise.resolve(ofSize(frames, size)) };
  }
  if (params.upscaler === 'lanczos') {
    return { context: 0, run: (frames) => Promise.resolve(upscaleByLanczos(frames, size)) };
  }
  const manifest = job.manifest('upscale');
  const graph = await job.graphs('upscale', 'upscaler');
  return {
    context: manifest.role === 'upscale' ? (manifest.temporalContext ?? 0) : 0,
    run: (frames) => upscale(graph, frames, size),
  };
}

interface FrameRange {
  readonly from: number;
  readonly count: number;
}

/** Widens a range by the neighbours that the model looks at, as far as the clip has them. */
function withContext(range: FrameRange, context: number, numFrames: number): FrameRange {
  const from = Math.max(0, range.from - context);
  const end = Math.max(range.from + range.count, Math.min(numFrames, range.from + range.count + context));
  return { from, count: end - from };
}

/** Encodes one batch of pictures while the next one is computed, never more than one. */
class PictureQueue {
  readonly #encoder: SegmentEncoder;
  #encoding: Promise<void> = Promise.resolve();

  constructor(encoder: SegmentEncoder) {
    this.#encoder = encoder;
  }

  /** Resolves when the batch before has been encoded. */
  async push(pictures: readonly Yuv420Frame[]): Promise<void> {
    await this.#encoding;
    this.#encoding = this.#encode(pictures);
    // The failure is told by the next call; without this line Node would see it as unhandled until then.
    this.#encoding.catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#encoding;
    await this.#encoder.close();
  }

  /** Frees the encoder once it rests. Harmless after `close`. */
  async abort(): Promise<void> {
    await this.#encoding.catch(() => undefined);
    await this.#encoder.abort();
  }

  async #encode(pictures: readonly Yuv420Frame[]): Promise<void> {
    for (const picture of pictures) await this.#encoder.write(picture);
  }
}
