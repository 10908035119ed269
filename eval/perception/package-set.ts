/**
 * Installed model packages as the eyes of the dimensions, role by role: `features` sees the subject, `image-text` the background
 * and the style. What no package does is done by another set.
 */
import type { PerceptionManifest } from '../../story/models/model-manifest.ts';
import { float32Output } from '../../engine/graph.ts';
import type { FlowField } from '../formulas/flow-field.ts';
import type { ClipView } from './clip-view.ts';
import { flowView, imagingViews } from './frame-views.ts';
import type { OpenPerceptionModel, OpenPerceptionModels } from './open-model.ts';
import type { AestheticJudge, FlowEstimator, FrameDescriber, ImagingJudge, Pause, PerceptionSet } from './roles.ts';

/**
 * Width at which a film is looked at by packages, pixels. The published code looks at whole frames; optical flow of wider ones
 * would fill the memory of most machines, for its table grows with the square of their area.
 */
const maxWidth = 1280;

/** Frames per call of a model: of squares of 224 pixels, and of frames at their own size. */
const smallPerCall = 16;
const wholePerCall = 4;

/** A set of the packages that are there, and of another set where none is. */
export function packageSet(packages: OpenPerceptionModels, otherwise: PerceptionSet): PerceptionSet {
  const { features, 'image-text': imageText, aesthetic, imaging, flow } = packages;
  const models = [features, imageText, aesthetic, imaging, flow].flatMap((each) => each?.manifest.name ?? []);
  if (models.length === 0) return otherwise;
  return {
    ...otherwise,
    name: [...models, otherwise.name].join(', '),
    maxWidth,
    ...(features && { subject: describer(features) }),
    ...(imageText && { background: describer(imageText) }),
    ...(aesthetic && { aesthetic: admirer(aesthetic) }),
    ...(imaging && { imaging: imagingJudge(imaging) }),
    ...(flow && { flow: flowEstimator(flow) }),
  };
}

/** The name that the leaderboard knows a model by; of any other its package's name and version. */
function modelName({ leaderboard, name, version }: Exclude<PerceptionManifest, { role: 'finder' }>): string {
  return leaderboard ?? `${name} ${version}`;
}

function describer({
  manifest,
  graph,
  read,
}: OpenPerceptionModel<'features'> | OpenPerceptionModel<'image-text'>): FrameDescriber {
  return {
    model: modelName(manifest),
    ...(read && { read }),
    async describe(clip, pause) {
      const made: Float32Array[] = [];
      await eachCall(clip, { frames: smallPerCall, pause }, async (which) => {
        const { shape, data } = float32Output(
          await graph.run({ frames: clip.shorter(which, manifest.view) }),
          'features',
        );
        const width = shape[1] ?? 0;
        made.push(...which.map((_, index) => data.slice(index * width, (index + 1) * width)));
      });
      return made;
    },
  };
}

function admirer({ manifest, graph }: OpenPerceptionModel<'aesthetic'>): AestheticJudge {
  return {
    model: modelName(manifest),
    async score(clip, pause) {
      const scores: number[] = [];
      await eachCall(clip, { frames: smallPerCall, pause }, async (which) => {
        const outputs = await graph.run({ frames: clip.shorter(which, manifest.view) });
        scores.push(...float32Output(outputs, 'scores').data);
      });
      return scores;
    },
  };
}

function imagingJudge({ manifest, graph }: OpenPerceptionModel<'imaging'>): ImagingJudge {
  return {
    model: modelName(manifest),
    async judge(clip, pause) {
      const scores: number[] = [];
      await eachCall(clip, { frames: wholePerCall, pause }, async (which) => {
        const outputs = await graph.run(imagingViews(clip.frames, which, manifest.view));
        scores.push(...float32Output(outputs, 'scores').data);
      });
      return scores;
    },
  };
}

/** The published code counts the pixels that fill a frame up to whole cells like any others, and so does this. */
function flowEstimator({ manifest, graph }: OpenPerceptionModel<'flow'>): FlowEstimator {
  return {
    model: modelName(manifest),
    async flow({ frames }, from, to): Promise<FlowField> {
      const [before, after] = [flowView(frames, from, manifest.view), flowView(frames, to, manifest.view)];
      const { shape, data } = float32Output(await graph.run({ before, after }), 'flow');
      const [, , height = 0, width = 0] = shape;
      return { width, height, u: data.subarray(0, height * width), v: data.subarray(height * width) };
    },
  };
}

async function eachCall(
  { frames }: ClipView,
  { frames: perCall, pause }: { readonly frames: number; readonly pause: Pause },
  look: (which: readonly number[]) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < frames.count; first += perCall) {
    const count = Math.min(perCall, frames.count - first);
    await look(Array.from({ length: count }, (_, index) => first + index));
    await pause();
  }
}
