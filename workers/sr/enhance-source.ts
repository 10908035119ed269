import { PipelineError } from '../../errors/pipeline-error.ts';
import type { EnhanceTask, FootageParts } from '../../story/plan/task.ts';
import { resizePlane } from '../../tensor/resize.ts';
import { readLatents } from '../sampling/clip-files.ts';
import { blendedFrames, decodeWindows, framesFirst } from '../sampling/decode-windows.ts';
import { openClip } from '../sampling/open-clip.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import type { TiledVae } from './vae-tiles.ts';
import { axesOf, type Tensor } from '../../tensor/tensor.ts';

/** Size of enhanced frames: what is kept, and what the model works on, which is whole cells. Pixels. */
export interface EnhancedSize {
  readonly width: number;
  readonly height: number;
  readonly paddedWidth: number;
  readonly paddedHeight: number;
}

/** The frames to be enhanced, plainly enlarged. */
export interface EnhanceSource {
  readonly size: EnhancedSize;
  /**
   * A frame of the enlarged clip, `[3, height, width]` in −1 … 1. Between key frames it is the mix of both neighbours, by
   * their distance.
   */
  frame(index: number): Promise<Float32Array>;
  /** Closes the files. */
  close(): Promise<void>;
}

/** Opens the input of a task: frames, or key frames as latents, which are decoded first. */
export async function openEnhanceSource(task: EnhanceTask, job: EngineJob, vae: TiledVae): Promise<EnhanceSource> {
  const { keyStep, frames, scale, loop } = task.params;
  // VEnhancer enlarges by straight lines.
  const kernel = loop === 'venhancer' ? 'bilinear' : 'bicubic';
  const [file] = job.inputFiles;
  const { footage } = task.params;
  if (file === undefined) {
    throw new PipelineError('INTERNAL', `Enhancement ${task.key} came without its clip`);
  }
  const clip = keyStep === 1 ? await openFrames(job.inputFiles, footage) : await decodeKeys(file, vae);
  const expected = (clip.count - 1) * keyStep + 1;
  if (expected !== frames) {
    await clip.close();
    throw new PipelineError(
      'INTERNAL',
      `${clip.count} frames with a key every ${keyStep} make ${expected} frames and the task says ${frames}; plan it with step · (keys − 1) + 1`,
    );
  }
  const size = enhancedSize(clip, scale, vae.downscale);
  const enlarged = async (index: number): Promise<Float32Array> => enlarge(await clip.read(index), clip, size, kernel);
  return {
    size,
    frame: async (index) => {
      const [before, share] = [Math.floor(index / keyStep), (index % keyStep) / keyStep];
      const first = await enlarged(before);
      if (share === 0) return first;
      const second = await enlarged(before + 1);
      return first.map((value, place) => (1 - share) * value + share * (second[place] ?? 0));
    },
    close: () => clip.close(),
  };
}

/** Size of frames that are enlarged `scale` times: even sides, and with them whole cells. */
export function enhancedSize(
  { width, height }: { readonly width: number; readonly height: number },
  scale: number,
  cell: number,
): EnhancedSize {
  const even = (side: number): number => 2 * Math.round((side * scale) / 2);
  const whole = (side: number): number => cell * Math.ceil(side / cell);
  const [wide, high] = [even(width), even(height)];
  return { width: wide, height: high, paddedWidth: whole(wide), paddedHeight: whole(high) };
}

/** A picture made larger by repeating its last column and row. */
export function padPicture(
  picture: Float32Array,
  { width, height, paddedWidth, paddedHeight }: EnhancedSize,
): Float32Array {
  if (width === paddedWidth && height === paddedHeight) return picture;
  const padded = new Float32Array(3 * paddedHeight * paddedWidth);
  for (let colour = 0; colour < 3; colour++) {
    for (let y = 0; y < paddedHeight; y++) {
      const from = (colour * height + Math.min(y, height - 1)) * width;
      const to = (colour * paddedHeight + y) * paddedWidth;
      padded.set(picture.subarray(from, from + width), to);
      padded.fill(picture[from + width - 1] ?? 0, to + width, to + paddedWidth);
    }
  }
  return padded;
}

/** The part of a padded picture that is kept. */
export function cropPicture(
  padded: Float32Array,
  { width, height, paddedWidth, paddedHeight }: EnhancedSize,
): Float32Array {
  if (width === paddedWidth && height === paddedHeight) return padded;
  const picture = new Float32Array(3 * height * width);
  for (let line = 0; line < 3 * height; line++) {
    const from = (Math.floor(line / height) * paddedHeight + (line % height)) * paddedWidth;
    picture.set(padded.subarray(from, from + width), line * width);
  }
  return picture;
}

/** Frames `[3, height, width]` in −1 … 1, by index. */
interface Clip {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  read(index: number): Promise<Float32Array>;
  close(): Promise<void>;
}

async function openFrames(files: readonly string[], footage: FootageParts | undefined): Promise<Clip> {
  const clip = await openClip(files, footage);
  const { width, height } = clip;
  return {
    count: clip.numFrames,
    width,
    height,
    read: async (index) => Float32Array.from((await clip.read(index, 1)).data, (byte) => byte / 127.5 - 1),
    close: () => clip.close(),
  };
}

async function decodeKeys(file: string, vae: TiledVae): Promise<Clip> {
  const latents = await readLatents(file, [1, vae.channels, null, null, null]);
  const [, , count, height, width] = axesOf(latents, 5);
  const decoded = keyDecoder(latents, vae);
  return {
    count,
    width: width * vae.downscale,
    height: height * vae.downscale,
    read: async (index) => (await decoded(index)).map((value) => Math.min(1, Math.max(-1, value))),
    close: () => Promise.resolve(),
  };
}

/** Decodes key frames by index, those of a window together where the decoder looks at neighbours. */
function keyDecoder(latents: Tensor, vae: TiledVae): (index: number) => Promise<Float32Array> {
  const [, , count, height, width] = axesOf(latents, 5);
  const decode = (from: number, of: number): Promise<Float32Array> =>
    vae.decode(framesFirst(latents, from, of), { height, width });
  const { windows } = vae;
  if (windows === null) return (index) => decode(index, 1);
  const grid = decodeWindows(count, windows);
  let held: { readonly index: number; readonly picture: Float32Array } | null = null;
  return async (index) => {
    if (held?.index === index) return held.picture;
    for await (const picture of blendedFrames(grid, { from: index, count: 1 }, (window) =>
      decode(window.from, window.count),
    )) {
      held = { index, picture };
    }
    return held?.picture ?? new Float32Array();
  };
}

function enlarge(
  frame: Float32Array,
  clip: Clip,
  { width, height }: EnhancedSize,
  kernel: 'bicubic' | 'bilinear',
): Float32Array {
  const enlarged = new Float32Array(3 * width * height);
  const area = clip.width * clip.height;
  for (let colour = 0; colour < 3; colour++) {
    const data = frame.subarray(colour * area, (colour + 1) * area);
    const plane = resizePlane({ width: clip.width, height: clip.height, data }, width, height, kernel);
    enlarged.set(
      plane.map((value) => Math.min(1, Math.max(-1, value))),
      colour * width * height,
    );
  }
  return enlarged;
}
