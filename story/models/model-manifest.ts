import type { z } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { checkReferences } from './manifest-references.ts';
import { manifestSchema } from './manifest-schema.ts';
import type { DenoiserRole, PerceptionRole } from './model-set.ts';

/** A checked manifest. Narrow it by `role`, or with `denoiserManifest`. */
export type ModelManifest = z.infer<typeof manifestSchema>;

/** The manifest of a model that denoises. */
export type DenoiserManifest = Extract<ModelManifest, { role: DenoiserRole }>;

/** The manifest of an enhancer. */
export type EnhancerManifest = Extract<ModelManifest, { role: 'enhance' }>;

/** The manifest of an upscaler. */
export type UpscalerManifest = Extract<ModelManifest, { role: 'upscale' }>;

/** The manifest of a voice. */
export type VoiceManifest = Extract<ModelManifest, { role: 'voice' }>;

/** The manifest of a model that looks at frames of any film. */
export type PerceptionManifest = Extract<ModelManifest, { role: PerceptionRole }>;

/**
 * Checks a manifest that was read from `model.json`.
 *
 * @param file Names it in messages.
 * @throws PipelineError `MODEL_INVALID`; all problems at once in `details.problems`, each with path and message.
 */
export function parseManifest(json: unknown, file = 'A model manifest'): ModelManifest {
  const result = manifestSchema.safeParse(json);
  const problems = result.success
    ? checkReferences(result.data)
    : result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  if (result.success && problems.length === 0) return result.data;
  const listed = problems.slice(0, 20);
  const lines = listed.map(({ path, message }) => `  ${path === '' ? 'model.json' : path}: ${message}`).join('\n');
  throw new PipelineError(
    'MODEL_INVALID',
    `${file} breaks docs/model-packages.md; export the package again:\n${lines}`,
    { details: { problems: listed, fileName: file } },
  );
}

/**
 * The manifest of a denoiser, for code that was handed a manifest by role.
 *
 * @throws PipelineError `MODEL_INVALID` when the role has no denoiser.
 */
export function denoiserManifest(model: ModelManifest): DenoiserManifest {
  if ('prediction' in model && model.role !== 'enhance') return model;
  throw new PipelineError(
    'MODEL_INVALID',
    `Package ${model.name} has role ${model.role}; a denoiser is base, subject, interp or transition; choose another model set`,
  );
}

/**
 * The manifest of an enhancer, for code that was handed a manifest by role.
 *
 * @throws PipelineError `MODEL_INVALID` when it is of another role.
 */
export function enhancerManifest(model: ModelManifest): EnhancerManifest {
  if (model.role === 'enhance') return model;
  throw new PipelineError(
    'MODEL_INVALID',
    `Package ${model.name} has role ${model.role}; enhancing needs role enhance`,
  );
}
