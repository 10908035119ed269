import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ModelManifest } from '../story/model-manifest.ts';
import type { DenoiserFacts, ModelRole, ModelSetRef, PackageRef } from '../story/model-set.ts';
import { parseJson, readPackageFolder, verifyPackage } from './package-folder.ts';
import type { PackageFolder } from './package-folder.ts';

/** A model set on this machine: what planning needs to know, and the folder of each role's package. */
export interface LoadedModelSet {
  readonly ref: ModelSetRef;
  readonly dirs: Readonly<Partial<Record<ModelRole, string>>>;
}

const roles = [
  'text',
  'vae',
  'base',
  'interp',
  'transition',
  'upscale',
  'probe',
  'subject',
  'enhance',
] as const satisfies readonly ModelRole[];
const nameRule = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const setSchema = z.strictObject({
  name: z.string(),
  packages: z.partialRecord(z.enum(roles), z.string().regex(nameRule)),
});
/** Roles without which no shot can be rendered. A set without `transition` has no `seine` joins. */
const neededRoles = ['text', 'vae', 'base', 'interp', 'upscale'] as const;

/** Names of the model sets in `<modelsDir>/sets`, sorted. */
export async function listModelSets(modelsDir: string): Promise<readonly string[]> {
  const files = await readdir(join(modelsDir, 'sets')).catch(() => []);
  return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
}

/**
 * Reads `<modelsDir>/sets/<name>.json` and the manifests of its packages under `<modelsDir>/packages/`.
 * @throws `MODEL_UNKNOWN` naming the sets there are, `MODEL_INVALID` when parts do not fit, `MODEL_CORRUPT` when a file of
 * a package is missing or has another size.
 */
export async function loadModelSet(modelsDir: string, name: string): Promise<LoadedModelSet> {
  const known = await listModelSets(modelsDir);
  if (!known.includes(name)) {
    const there =
      known.length === 0 ? `there are none in ${join(modelsDir, 'sets')}` : `there are: ${known.join(', ')}`;
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `There is no model set '${name.slice(0, 80)}'; ${there}. Set 'models' in the script.`,
      {
        details: { known },
      },
    );
  }
  const file = join(modelsDir, 'sets', `${name}.json`);
  const parsed = setSchema.safeParse(parseJson(await readFile(file, 'utf8'), file));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw invalid(name, `${file} breaks the rules: ${problems.join('; ')}`);
  }
  if (parsed.data.name !== name)
    throw invalid(name, `${file} calls itself '${parsed.data.name}'; the two names must be equal`);

  const folders = new Map<ModelRole, PackageFolder>();
  for (const role of roles) {
    const packageName = parsed.data.packages[role];
    if (packageName === undefined) continue;
    const folder = await readPackageFolder(join(modelsDir, 'packages', packageName));
    if (folder.manifest.role !== role) {
      throw invalid(name, `package ${packageName} has role ${folder.manifest.role}, and the set uses it as ${role}`);
    }
    await verifyPackage(folder, 'size');
    folders.set(role, folder);
  }
  return {
    ref: modelSetRef(name, folders),
    dirs: Object.fromEntries([...folders].map(([role, folder]) => [role, folder.dir])),
  };
}

/**
 * What planning needs to know of a set, after a check that its packages fit together.
 * @throws `MODEL_INVALID` that says which two packages disagree.
 */
export function modelSetRef(
  name: string,
  packages: ReadonlyMap<ModelRole, { readonly manifest: ModelManifest; readonly ref: PackageRef }>,
): ModelSetRef {
  const missing = neededRoles.filter((role) => !packages.has(role));
  if (missing.length > 0) throw invalid(name, `it has no package for ${missing.join(', ')}`);
  const manifests = [...packages.values()].map(({ manifest }) => manifest);
  const base = manifests.find((manifest) => manifest.role === 'base');
  if (base === undefined) throw invalid(name, 'it has no package for base');

  const denoisers: Partial<Record<'base' | 'interp' | 'transition', DenoiserFacts>> = {};
  for (const manifest of manifests) {
    checkFits(name, base, manifest);
    if (manifest.role !== 'base' && manifest.role !== 'interp' && manifest.role !== 'transition') continue;
    const { kind, steps, guidance } = manifest.sampler;
    denoisers[manifest.role] = {
      frames: manifest.native.frames,
      sampler: { kind, steps, guidance },
      freeu: manifest.freeu ?? null,
    };
  }
  return {
    name,
    packages: Object.fromEntries([...packages].map(([role, { ref }]) => [role, ref])),
    native: { width: base.native.width, height: base.native.height },
    latent: { channels: base.latent.channels, downscale: base.latent.downscale },
    denoisers,
  };
}

/** Latents and text contexts pass between packages, so they must have one shape and one scale. */
function checkFits(set: string, base: Extract<ModelManifest, { role: 'base' }>, other: ModelManifest): void {
  const pairs = [
    ['latent.channels', base.latent.channels, other.latent?.channels],
    ['latent.downscale', base.latent.downscale, other.latent?.downscale],
    ['latent.scale', base.latent.scale, other.latent?.scale],
    ['context.width', base.context.width, other.context?.width],
    ['context.tokens', base.context.tokens, other.context?.tokens],
  ] as const;
  for (const [field, ours, theirs] of pairs) {
    if (theirs !== undefined && theirs !== ours) {
      throw invalid(
        set,
        `${field} is ${String(ours)} in ${base.name} and ${String(theirs)} in ${other.name}; they must be equal`,
      );
    }
  }
}

const invalid = (set: string, what: string): PipelineError =>
  new PipelineError(
    'MODEL_INVALID',
    `Model set '${set}' cannot be used: ${what}. Correct the set or export its packages again.`,
    {
      details: { set },
    },
  );
