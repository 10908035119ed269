/**
 * The sixteen dimensions of VBench with their published weight and range. Vchitect/VBench @45e79ec, `scripts/constant.py`.
 */

/** What is known of a dimension without any video. */
export interface DimensionFacts {
  readonly group: 'quality' | 'semantic';
  readonly weight: number;
  /** Published worst and best; a score is mapped from here to 0 … 1. */
  readonly min: number;
  readonly max: number;
  /** Whether it can be measured without knowing what the prompt's labels are (VBench's custom input). */
  readonly labelFree: boolean;
}

const quality = { group: 'quality', weight: 1, min: 0, max: 1, labelFree: true } as const;
const semantic = { group: 'semantic', weight: 1, min: 0, max: 1, labelFree: false } as const;

/** All dimensions in the order of the leaderboard. */
export const dimensions = {
  subject_consistency: { ...quality, min: 0.1462 },
  background_consistency: { ...quality, min: 0.2615 },
  temporal_flickering: { ...quality, min: 0.6293 },
  motion_smoothness: { ...quality, min: 0.706, max: 0.9975 },
  dynamic_degree: { ...quality, weight: 0.5 },
  aesthetic_quality: quality,
  imaging_quality: quality,
  object_class: semantic,
  multiple_objects: semantic,
  human_action: { ...semantic, labelFree: true },
  color: semantic,
  spatial_relationship: semantic,
  scene: { ...semantic, max: 0.8222 },
  appearance_style: { ...semantic, min: 0.0009, max: 0.2855 },
  temporal_style: { ...semantic, max: 0.364, labelFree: true },
  overall_consistency: { ...semantic, max: 0.364, labelFree: true },
} as const satisfies Record<string, DimensionFacts>;

/** Name of a dimension, spelled as the `vbench` package does. */
export type Dimension = keyof typeof dimensions;

/** Names of all dimensions in the order of the leaderboard. */
export const dimensionNames = Object.keys(dimensions) as readonly Dimension[];
