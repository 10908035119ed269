import type { RgbFrames } from '../media/frame-file.ts';
import type { Questions } from '../story/models/questions.ts';
import { aestheticQuality } from './formulas/aesthetic-quality.ts';
import { appearanceStyle } from './formulas/appearance-style.ts';
import { cosineSimilarity } from './formulas/cosine.ts';
import { type Dimension } from './formulas/dimensions.ts';
import { dynamicDegree, dynamicFlow, dynamicFrames } from './formulas/dynamic-degree.ts';
import { frameConsistency } from './formulas/frame-consistency.ts';
import { imagingQuality } from './formulas/imaging-quality.ts';
import { isStatic, staticFlow, staticPairs } from './formulas/static-filter.ts';
import { motionSmoothness, smoothnessTriples } from './formulas/motion-smoothness.ts';
import { temporalFlickering } from './formulas/temporal-flickering.ts';
import type { VideoScore } from './formulas/video-score.ts';
import type { ClipView } from './perception/clip-view.ts';
import { type FlowEstimator, type Pause, type PerceptionSet, publishedModel } from './perception/roles.ts';

/** What {@link scoreClip} may be told. */
export interface MeasureOptions {
  /** Awaited between calls of models. */
  readonly pause?: Pause;
  /** What the clip should show: answered by models that read words. */
  readonly asked?: Questions;
}

/** Frames that are interpolated to see how smooth a clip is. */
const maxTriples = 16;

/** A score and the model it comes from. */
export interface MeasuredScore {
  readonly dimension: Dimension;
  readonly model: string;
  /** `null` when the clip is too short for the dimension, or moves and was to stand still. */
  readonly score: VideoScore | null;
}

/**
 * Measures a clip in the dimensions that the models can perceive: those that need no labels, and those that are asked for. Each model looks at a frame or a
 * pair of frames once, and what several need of a frame is made once.
 *
 * @param clip - All frames of the clip, as small as the models need them.
 * @param fps - Frames per second, for how fast things move.
 */
export async function scoreClip(
  clip: ClipView,
  fps: number,
  models: PerceptionSet,
  { pause = () => Promise.resolve(), asked = {} }: MeasureOptions = {},
): Promise<readonly MeasuredScore[]> {
  const { frames } = clip;
  const pictures = Array.from({ length: frames.count }, (_, frame) => frameBytes(frames, frame));
  const { subject, background, flow, interpolator, imaging, aesthetic } = models;
  const made: MeasuredScore[] = [];
  const add = (dimension: Dimension, model: string, score: VideoScore | null): void => {
    made.push({ dimension, model, score });
  };
  if (subject) add('subject_consistency', subject.model, frameConsistency(await subject.describe(clip, pause)));
  if (background) {
    const features = await background.describe(clip, pause);
    add('background_consistency', background.model, frameConsistency(features));
    if (background.read && asked.appearance_style !== undefined) {
      const style = await background.read(asked.appearance_style);
      const logits = features.map((feature) => 100 * cosineSimilarity(feature, style));
      add('appearance_style', background.model, appearanceStyle(logits));
    }
  }
  const moves = asked.still === true && flow !== undefined && !(await standsStill(clip, flow, pause));
  add('temporal_flickering', publishedModel('temporal_flickering'), moves ? null : temporalFlickering(pictures));
  if (interpolator) {
    const triples = thinned(smoothnessTriples(frames.count));
    const between: Uint8Array[] = [];
    for (const { before, after } of triples) between.push(await interpolator.between(clip, before, after));
    const sequence = triples.flatMap(({ before, middle }) => pick(pictures, [before, middle]));
    const last = pick(pictures, [triples.at(-1)?.after ?? 0]);
    add('motion_smoothness', interpolator.model, motionSmoothness([...sequence, ...last], between));
  }
  if (flow) {
    const sampled = dynamicFrames(frames.count, fps);
    const strengths: number[] = [];
    for (const [index, frame] of sampled.slice(1).entries()) {
      strengths.push(dynamicFlow(await flow.flow(clip, sampled[index] ?? frame, frame)));
      await pause();
    }
    add('dynamic_degree', flow.model, dynamicDegree(strengths, frames));
  }
  if (imaging) add('imaging_quality', imaging.model, imagingQuality(await imaging.judge(clip, pause)));
  if (aesthetic) add('aesthetic_quality', aesthetic.model, aestheticQuality(await aesthetic.score(clip, pause)));
  return made;
}

async function standsStill(clip: ClipView, flow: FlowEstimator, pause: Pause): Promise<boolean> {
  const strengths: number[] = [];
  for (const [from, to] of staticPairs(clip.frames.count)) {
    strengths.push(staticFlow(await flow.flow(clip, from, to)));
    await pause();
  }
  return isStatic(strengths, clip.frames);
}

/**
 * Evenly spaced ones of many. Where we differ: the reference interpolates every second frame of a video; of a clip of more than
 * 33 frames we take some, for neighbouring triples say nearly the same, and flow is the slowest thing that is computed.
 */
function thinned<T>(triples: readonly T[]): readonly T[] {
  const stride = Math.ceil(triples.length / maxTriples);
  return triples.filter((_, index) => index % stride === 0);
}

function pick<T>(all: readonly T[], indices: readonly number[]): readonly T[] {
  return indices.flatMap((index) => all[index] ?? []);
}

function frameBytes({ width, height, data }: RgbFrames, frame: number): Uint8Array {
  const size = 3 * width * height;
  return data.subarray(frame * size, (frame + 1) * size);
}
