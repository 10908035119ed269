import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { describeModelSet } from '../story/describe-model-set.ts';
import type { ModelRole, ModelSetRef } from '../story/model-set.ts';
import type { ModelChoice } from '../story/script.ts';
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
  'detector',
  'subject',
  'enhance',
] as const satisfies readonly ModelRole[];
const alternativeRoles = ['base'] as const satisfies readonly (keyof ModelChoice)[];
const nameRule = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const setSchema = z.strictObject({
  name: z.string(),
  packages: z.partialRecord(z.enum(roles), z.string().regex(nameRule)),
  /** Packages that a script may choose in place of that of a role, by the names it chooses them by. */
  alternatives: z
    .partialRecord(z.enum(alternativeRoles), z.record(z.string().regex(nameRule), z.string().regex(nameRule)))
    .optional(),
});

/** Names of the model sets in `<modelsDir>/sets`, sorted. */
export async function listModelSets(modelsDir: string): Promise<readonly string[]> {
  const files = await readdir(join(modelsDir, 'sets')).catch(() => []);
  return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
}

/**
 * Reads `<modelsDir>/sets/<name>.json` and the manifests of its packages under `<modelsDir>/packages/`, with the chosen
 * alternatives in the place of the packages that they stand in for.
 * @throws `MODEL_UNKNOWN` naming the sets or alternatives there are, `MODEL_INVALID` when parts do not fit, `MODEL_CORRUPT` when a file of
 * a package is missing or has another size.
 */
export async function loadModelSet(modelsDir: string, name: string, choice: ModelChoice = {}): Promise<LoadedModelSet> {
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

  const packages = { ...parsed.data.packages, ...chosen(name, parsed.data.alternatives, choice) };
  const folders = new Map<ModelRole, PackageFolder>();
  for (const role of roles) {
    const packageName = packages[role];
    if (packageName === undefined) continue;
    const folder = await readPackageFolder(join(modelsDir, 'packages', packageName));
    if (folder.manifest.role !== role) {
      throw invalid(name, `package ${packageName} has role ${folder.manifest.role}, and the set uses it as ${role}`);
    }
    await verifyPackage(folder, 'size');
    folders.set(role, folder);
  }
  return {
    ref: describeModelSet(
      name,
      [...folders.values()].map(({ manifest, ref }) => ({ manifest, digest: ref.digest })),
    ),
    dirs: Object.fromEntries([...folders].map(([role, folder]) => [role, folder.dir])),
  };
}

/** The packages of the chosen alternatives, by role. */
function chosen(
  set: string,
  alternatives: z.infer<typeof setSchema>['alternatives'] = {},
  choice: ModelChoice,
): Partial<Record<ModelRole, string>> {
  const packages: Partial<Record<ModelRole, string>> = {};
  for (const role of alternativeRoles) {
    const wanted = choice[role];
    if (wanted === undefined) continue;
    const there = alternatives[role] ?? {};
    const packageName = Object.hasOwn(there, wanted) ? there[wanted] : undefined;
    if (packageName === undefined) {
      const known = Object.keys(there);
      const list = known.length === 0 ? 'it has none but its own' : `it has: ${known.join(', ')}`;
      throw new PipelineError(
        'MODEL_UNKNOWN',
        `Model set '${set}' has no alternative ${role} '${wanted.slice(0, 80)}'; ${list}. Correct 'models.${role}' in the script, or leave it out.`,
        { details: { set, role, known } },
      );
    }
    packages[role] = packageName;
  }
  return packages;
}

/** Names of the alternatives of a set, by role; none for a set that cannot be read. */
export async function listAlternatives(modelsDir: string, name: string): Promise<readonly ModelChoice[]> {
  const file = join(modelsDir, 'sets', `${name}.json`);
  const parsed = setSchema.safeParse(parseJson(await readFile(file, 'utf8'), file));
  if (!parsed.success) return [];
  return Object.keys(parsed.data.alternatives?.base ?? {}).map((base) => ({ base }));
}

const invalid = (set: string, what: string): PipelineError =>
  new PipelineError(
    'MODEL_INVALID',
    `Model set '${set}' cannot be used: ${what}. Correct the set or export its packages again.`,
    {
      details: { set },
    },
  );
