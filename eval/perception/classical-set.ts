import type { RgbFrames } from '../../media/frame-file.ts';
import type { FlowField } from '../formulas/flow-field.ts';
import { colourFeatures } from './colour-features.ts';
import { edgeFeatures } from './edge-features.ts';
import { flowMidpoint } from './flow-midpoint.ts';
import { greyPlane, halvePlane } from './grey-plane.ts';
import { hornSchunck } from './horn-schunck.ts';
import { noiseScore } from './noise-level.ts';
import type { PerceptionSet } from './roles.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { floor, min } = Math;

/**
 * Perception without any network: everything that the label-free dimensions need, true of pocket films and of any other
 * film as far as noise, edges, colours and motion go. It has no notion of beauty, so it has no aesthetic score.
 */
export const classicalSet: PerceptionSet = {
  name: 'classical',
  subject: { model: 'edge histograms 1', describe: (frames) => eachFrame(frames, edgeFeatures) },
  background: { model: 'colour grid 1', describe: (frames) => eachFrame(frames, colourFeatures) },
  flow: { model: 'horn-schunck 2', flow: halfSizeFlow },
  interpolator: {
    model: 'horn-schunck midpoint 2',
    between: (frames, before, after) => flowMidpoint(frames, before, after, halfSizeFlow(frames, before, after)),
  },
  imaging: { model: 'immerkaer noise 1', judge: (frames) => eachFrame(frames, noiseScore) },
};

function eachFrame<T>(frames: RgbFrames, look: (frames: RgbFrames, frame: number) => T): readonly T[] {
  return Array.from({ length: frames.count }, (_, frame) => look(frames, frame));
}

/** Flow of pictures at half size, in pixels of the whole: a quarter of the work, and motion of less than a pixel is noise. */
function halfSizeFlow(frames: RgbFrames, from: number, to: number): FlowField {
  const small = hornSchunck(halvePlane(greyPlane(frames, from)), halvePlane(greyPlane(frames, to)));
  return doubled(small, frames);
}

function doubled(small: FlowField, { width, height }: { readonly width: number; readonly height: number }): FlowField {
  const grow = (data: Float32Array): Float32Array => {
    const made = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = min(small.height - 1, floor(y / 2)) * small.width;
      for (let x = 0; x < width; x++) made[y * width + x] = 2 * data[row + min(small.width - 1, floor(x / 2))]!;
    }
    return made;
  };
  return { width, height, u: grow(small.u), v: grow(small.v) };
}
