/**
 * What the dimensions ask of models, by role. A role is a small interface over frames; which model stands behind it is data
 * that travels with every score.
 */
import type { Dimension } from '../formulas/dimensions.ts';
import type { FlowField } from '../formulas/flow-field.ts';
import type { ClipView } from './clip-view.ts';

/** Awaited between calls of a model: the place for progress and cancels. */
export type Pause = () => Promise<void>;

/** Features of a text in the space of a model's features of pictures. */
export type WordReader = (text: string) => Promise<Float32Array>;

/** Something that looks at frames; its name and version go into every score. */
interface Perceiver {
  /** Name, version and, where it matters, weights: `DINO ViT-B/16`, `horn-schunck 1`. */
  readonly model: string;
}

/** One feature vector per frame. */
export interface FrameDescriber extends Perceiver {
  /** Features of the frames, in order; `cosineSimilarity` compares them. */
  describe(clip: ClipView, pause: Pause): Promise<readonly Float32Array[]>;
  /** Features of a text in the same space, of a model that reads words. */
  readonly read?: WordReader;
}

/** Optical flow between two frames of one size. */
export interface FlowEstimator extends Perceiver {
  /** Where the pixels of frame `from` are in frame `to`, as displacements in pixels. */
  flow(clip: ClipView, from: number, to: number): Promise<FlowField>;
}

/** The frame halfway between two others. */
export interface FrameInterpolator extends Perceiver {
  /** Bytes of one frame, planar like those of the clip. */
  between(clip: ClipView, before: number, after: number): Promise<Uint8Array>;
}

/** Technical quality of single frames. */
export interface ImagingJudge extends Perceiver {
  /** One score per frame, 0 … 100. */
  judge(clip: ClipView, pause: Pause): Promise<readonly number[]>;
}

/** How beautiful people would find single frames. */
export interface AestheticJudge extends Perceiver {
  /** One score per frame, 0 … 10. */
  score(clip: ClipView, pause: Pause): Promise<readonly number[]>;
}

/** What a set of models can perceive. A missing role leaves its dimensions without a score. */
export interface PerceptionSet {
  readonly name: string;
  /** Width at which frames of a film are looked at where they are wider, pixels. */
  readonly maxWidth: number;
  readonly subject?: FrameDescriber;
  readonly background?: FrameDescriber;
  readonly flow?: FlowEstimator;
  readonly interpolator?: FrameInterpolator;
  readonly imaging?: ImagingJudge;
  readonly aesthetic?: AestheticJudge;
}

/** The models behind the published leaderboard. Vchitect/VBench @45e79ec, `vbench/utils.py`, `init_submodules`. */
const publishedModels = {
  subject_consistency: 'DINO ViT-B/16',
  background_consistency: 'CLIP ViT-B/32',
  temporal_flickering: 'none',
  motion_smoothness: 'AMT-S',
  dynamic_degree: 'RAFT-things',
  aesthetic_quality: 'CLIP ViT-L/14 + LAION sa_0_4 linear',
  imaging_quality: 'MUSIQ-SPAQ',
  object_class: 'GRiT-B',
  multiple_objects: 'GRiT-B',
  human_action: 'UMT-L/16 K400',
  color: 'GRiT-B',
  spatial_relationship: 'GRiT-B',
  scene: 'Tag2Text Swin-B',
  appearance_style: 'CLIP ViT-B/32',
  temporal_style: 'ViCLIP InternVid-10M-FLT',
  overall_consistency: 'ViCLIP InternVid-10M-FLT',
} as const satisfies Record<Dimension, string>;

/** The model that the public leaderboard uses for a dimension. */
export function publishedModel(dimension: Dimension): string {
  return publishedModels[dimension];
}

/** Whether scores may be put beside the public leaderboard: every one comes from the published model, and there is one. */
export function comparableWithLeaderboard(
  scores: readonly { readonly dimension: Dimension; readonly model: string }[],
): boolean {
  return scores.length > 0 && scores.every(({ dimension, model }) => model === publishedModels[dimension]);
}
