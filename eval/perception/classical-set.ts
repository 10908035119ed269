import type { FlowField } from '../formulas/flow-field.ts';
import type { ClipView } from './clip-view.ts';
import { colourFeatures } from './colour-features.ts';
import { edgeFeatures } from './edge-features.ts';
import { flowMidpoint } from './flow-midpoint.ts';
import { hornSchunck } from './horn-schunck.ts';
import { noiseScore } from './noise-level.ts';
import type { PerceptionSet } from './roles.ts';

/**
 * Perception without any network: everything that the label-free dimensions need, true of pocket films and of any other
 * film as far as noise, edges, colours and motion go. It has no notion of beauty, so it has no aesthetic score.
 */
export const classicalSet: PerceptionSet = {
  name: 'classical',
  maxWidth: 256,
  subject: {
    model: 'edge histograms 1',
    describe: (clip) => Promise.resolve(eachFrame(clip, (frame) => edgeFeatures(clip.grey(frame)))),
  },
  background: {
    model: 'colour grid 1',
    describe: (clip) => Promise.resolve(eachFrame(clip, (frame) => colourFeatures(clip.frames, frame))),
  },
  flow: { model: 'horn-schunck 3', flow: (clip, from, to) => Promise.resolve(quarterSizeFlow(clip, from, to)) },
  interpolator: {
    model: 'horn-schunck midpoint 3',
    between: (clip, before, after) =>
      Promise.resolve(flowMidpoint(clip.frames, before, after, quarterSizeFlow(clip, before, after))),
  },
  imaging: {
    model: 'immerkaer noise 1',
    judge: (clip) => Promise.resolve(eachFrame(clip, (frame) => noiseScore(clip.grey(frame)))),
  },
};

function eachFrame<T>({ frames }: ClipView, look: (frame: number) => T): readonly T[] {
  return Array.from({ length: frames.count }, (_, frame) => look(frame));
}

/**
 * Flow of pictures at a quarter of their size, in pixels of the whole: a sixteenth of the work. What moves by less than a pixel
 * is noise, and what a clip of these models shows is larger than four.
 */
function quarterSizeFlow(clip: ClipView, from: number, to: number): FlowField {
  const { width, height, u, v } = hornSchunck(clip.quarter(from), clip.quarter(to));
  const enlarged = (data: Float32Array, scale: number): Float32Array => data.map((value) => scale * value);
  return {
    width,
    height,
    u: enlarged(u, clip.frames.width / width),
    v: enlarged(v, clip.frames.height / height),
  };
}
