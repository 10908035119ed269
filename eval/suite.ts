import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { type Dimension, dimensionNames, dimensions } from './formulas/dimensions.ts';

/**
 * A prompt suite in the form of VBench's own `VBench_full_info.json`: prompts, the dimensions that each is there for, and the labels
 * that those dimensions need. So the published suite can be used as it is, and a list of plain prompts can be as well.
 */

const label = z.string().trim().min(1).max(200);

const relation = z.strictObject({ object_a: label, object_b: label, relationship: label });

const labels = z.object({
  color: label.optional(),
  object: label.optional(),
  scene: z.object({ scene: z.object({ scene: label }) }).optional(),
  spatial_relationship: z.object({ spatial_relationship: relation }).optional(),
  appearance_style: label.optional(),
  /** Ours: the action of `human_action`, where the prompt does not end in it. */
  action: label.optional(),
  /** Ours: which side counts in `spatial_relationship`, and not the axis alone. */
  sides: z.boolean().optional(),
});

const entry = z.object({
  prompt_en: z.string().trim().min(1).max(1000),
  dimension: z.array(z.enum(dimensionNames, { error: (issue) => unknownDimension(issue.input) })).min(1),
  auxiliary_info: labels.optional(),
});

/** The dimensions that a plain prompt is measured in. */
export const labelFreeDimensions: readonly Dimension[] = dimensionNames.filter(
  (name) => dimensions[name].labelFree && name !== 'human_action' && name !== 'temporal_style',
);

/** A plain prompt is an entry without labels. */
const plainOrEntry = z.preprocess(
  (value) => (typeof value === 'string' ? { prompt_en: value, dimension: [...labelFreeDimensions] } : value),
  entry,
);

const suiteSchema = z.array(plainOrEntry).min(1).max(5000);

/** A prompt with its dimensions and labels. */
export type SuitePrompt = z.infer<typeof entry>;

/** A prompt suite. */
export interface Suite {
  readonly name: string;
  readonly prompts: readonly SuitePrompt[];
}

const needs: Readonly<Partial<Record<Dimension, keyof z.infer<typeof labels>>>> = {
  object_class: 'object',
  multiple_objects: 'object',
  color: 'color',
  spatial_relationship: 'spatial_relationship',
  scene: 'scene',
  appearance_style: 'appearance_style',
};

/**
 * Checks a suite that was read from JSON.
 *
 * @throws PipelineError `SCRIPT_INVALID` with every problem and its place.
 */
export function parseSuite(name: string, json: unknown): Suite {
  const result = suiteSchema.safeParse(json);
  if (!result.success) {
    throw invalid(
      name,
      result.error.issues.slice(0, 20).map(({ path, message }) => `${placeOf(path)}: ${message}`),
    );
  }
  const prompts = result.data;
  const problems = prompts.flatMap((each, index) => lackingLabels(each, index));
  if (problems.length > 0) throw invalid(name, problems.slice(0, 20));
  return { name, prompts };
}

function lackingLabels({ dimension, auxiliary_info = {} }: SuitePrompt, index: number): string[] {
  return dimension.flatMap((each) => {
    const needed = needs[each];
    return needed === undefined || auxiliary_info[needed] !== undefined
      ? []
      : [`[${index}].auxiliary_info lacks ${needed}; ${each} compares what is seen with it`];
  });
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') || 'the suite';
}

function unknownDimension(input: unknown): string {
  return `${JSON.stringify(input)} is no dimension; there are ${dimensionNames.join(', ')}`;
}

function invalid(name: string, problems: readonly string[]): PipelineError {
  const text = `Suite ${name} cannot be used; it is a list of prompts, or of { prompt_en, dimension, auxiliary_info } as in VBench_full_info.json:`;
  return new PipelineError('SCRIPT_INVALID', [text, ...problems.map((each) => `  ${each}`)].join('\n'), {
    details: { fileName: name, problems: problems.map((message) => ({ path: '', line: null, message })) },
  });
}
