import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { languageSchema } from '../story/language/language.ts';
import type { Language } from '../story/language/language.ts';
import { describeModelSet } from '../story/models/describe-model-set.ts';
import { perceptionRoles, type ModelRole, type ModelSetRef, type PackageRef } from '../story/models/model-set.ts';
import type { ModelChoice } from '../story/script/script.ts';
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
  'voice',
  ...perceptionRoles,
] as const satisfies readonly ModelRole[];
const alternativeRoles = ['base'] as const satisfies readonly Exclude<keyof ModelChoice, 'upscale' | 'voice'>[];
const nameRule = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const packageName = z.string().regex(nameRule);
/** One name, or several, the better one first: the first that is installed is taken. */
const packageNames = z.union([packageName.transform((name) => [name]), z.array(packageName).min(1)]);
const side = z.int().min(16).max(8192).multipleOf(2, 'a side is even');
const setSchema = z.strictObject({
  name: z.string(),
  packages: z.partialRecord(z.enum(roles), packageNames),
  /** Roles that the set has where a package for them is installed. */
  optional: z.partialRecord(z.enum(roles), packageNames).optional(),
  /** Sizes of clips, pixels, that all its models make beside that of the base model. */
  shapes: z
    .array(z.strictObject({ width: side, height: side }))
    .min(1)
    .max(16)
    .optional(),
  /** Packages that a script may choose in place of that of a role, by the names it chooses them by. */
  alternatives: z.partialRecord(z.enum(alternativeRoles), z.record(packageName, packageName)).optional(),
  /** How the sentences were built that its models learned from. */
  language: languageSchema.optional(),
});
type SetFile = z.infer<typeof setSchema>;

/** A model set's file, and what it lacks on this machine. */
export interface ModelSetState {
  readonly name: string;
  /** Roles without an installed package, each with the packages that could play it; empty if the set is installed. */
  readonly missing: readonly { readonly role: ModelRole; readonly packages: readonly string[] }[];
}

/** The packages of a set that look at frames. */
export interface LoadedPerceptionModels {
  readonly packages: Readonly<Partial<Record<ModelRole, PackageRef>>>;
  readonly dirs: Readonly<Partial<Record<ModelRole, string>>>;
}

/** Names of the model sets in `<modelsDir>/sets`, sorted. */
export async function listModelSets(modelsDir: string): Promise<readonly string[]> {
  const files = await readdir(join(modelsDir, 'sets')).catch(() => []);
  return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
}

/**
 * Reads `<modelsDir>/sets/<name>.json` and the manifests of its packages under `<modelsDir>/packages/`, with the chosen
 * alternatives in the place of the packages that they stand in for.
 * @throws `MODEL_UNKNOWN` naming the sets or alternatives there are, or the packages that are not installed, `MODEL_INVALID` when parts do
 * not fit, `MODEL_CORRUPT` when a file of a package is missing or has another size.
 *
 * @example
 * ```ts
 * import { loadModelSet } from './model-library.ts';
 *
 * const { ref, dirs } = await loadModelSet('models', 'pocket', { base: 'latte' });
 * console.log(ref.native, dirs.base); // size of its clips; folder of the package to upload
 * ```
 */
export async function loadModelSet(modelsDir: string, name: string, choice: ModelChoice = {}): Promise<LoadedModelSet> {
  const { folders, shapes } = await openSet(modelsDir, name, choice);
  return { ref: describe(name, folders, shapes), dirs: dirsOf(folders) };
}

/**
 * The packages of a set that look at frames: of one that makes films, or of one that has nothing else.
 * @throws as {@link loadModelSet}; `MODEL_UNKNOWN` when none is installed.
 */
export async function loadPerceptionModels(modelsDir: string, name: string): Promise<LoadedPerceptionModels> {
  const opened = await openSet(modelsDir, name, {});
  const folders = new Map([...opened.folders].filter(([role]) => isPerceptionModel(role)));
  if (folders.size === 0) {
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `Model set '${name}' has no package that looks at films, for any of ${perceptionRoles.join(', ')}. ` +
        'Convert the published files with `shotline models convert` (docs/evaluation.md).',
      { details: { set: name } },
    );
  }
  return {
    packages: Object.fromEntries([...folders].map(([role, { ref }]) => [role, ref])),
    dirs: dirsOf(folders),
  };
}

/**
 * The folders of a set's packages, after a check that they fit together as far as they make films.
 * @throws as {@link loadModelSet}.
 */
export async function loadSetDirs(
  modelsDir: string,
  name: string,
  choice: ModelChoice = {},
): Promise<LoadedModelSet['dirs']> {
  const { folders, shapes } = await openSet(modelsDir, name, choice);
  if (![...folders.keys()].every(isPerceptionModel)) describe(name, folders, shapes);
  return dirsOf(folders);
}

type Folders = ReadonlyMap<ModelRole, PackageFolder>;

/** A set whose packages are all there. */
interface OpenSet {
  readonly folders: Folders;
  readonly shapes: SetFile['shapes'];
}

const isPerceptionModel = (role: ModelRole): boolean => perceptionRoles.some((each) => each === role);

function describe(name: string, folders: Folders, shapes: SetFile['shapes']): ModelSetRef {
  return describeModelSet(
    name,
    [...folders.values()].map(({ manifest, ref }) => ({ manifest, digest: ref.digest })),
    shapes,
  );
}

function dirsOf(folders: Folders): LoadedModelSet['dirs'] {
  return Object.fromEntries([...folders].map(([role, folder]) => [role, folder.dir]));
}

async function openSet(modelsDir: string, name: string, choice: ModelChoice): Promise<OpenSet> {
  const set = await readSet(modelsDir, name);
  const packages = await installed(modelsDir, { ...set.packages, ...chosen(name, set.alternatives, choice) });
  const missing = missingFrom(packages);
  const { upscale } = choice;
  if (upscale !== undefined && missing.some(({ role }) => role === 'upscale')) {
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `There is no upscaler package '${upscale.slice(0, 80)}' in ${join(modelsDir, 'packages')}; run \`shotline models add ${upscale.slice(0, 80)}\`, or say another output.upscaler.`,
      { details: { upscale } },
    );
  }
  const { voice } = choice;
  if (voice !== undefined && missing.some(({ role }) => role === 'voice')) {
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `There is no voice package '${voice.slice(0, 80)}' in ${join(modelsDir, 'packages')}; run \`shotline models add <voice>.onnx --licence <name>\`, or say another models.voice.`,
      { details: { voice } },
    );
  }
  if (missing.length > 0) {
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `Model set '${name}' is not installed: ${join(modelsDir, 'packages')} has no ${missingText(missing)}. ` +
        'Convert the published files with `shotline models convert` (docs/gpu.md), or get the packages again.',
      { details: { set: name, missing } },
    );
  }
  const optional = await installed(modelsDir, set.optional ?? {});
  const folders = new Map<ModelRole, PackageFolder>();
  for (const role of roles) {
    const packageName = packages.get(role)?.found ?? optional.get(role)?.found;
    if (packageName === undefined) continue;
    const folder = await readPackageFolder(packageDir(modelsDir, packageName));
    if (folder.manifest.role !== role) {
      throw invalid(name, `package ${packageName} has role ${folder.manifest.role}, and the set uses it as ${role}`);
    }
    await verifyPackage(folder, 'size');
    folders.set(role, folder);
  }
  return { folders, shapes: set.shapes };
}

/**
 * What a model set lacks on this machine.
 * @throws `MODEL_UNKNOWN` or `MODEL_INVALID` as {@link loadModelSet} for the set's file.
 */
export async function readModelSetState(modelsDir: string, name: string): Promise<ModelSetState> {
  const { packages, optional = {} } = await readSet(modelsDir, name);
  const missing = missingFrom(await installed(modelsDir, packages));
  if (Object.keys(packages).length > 0) return { name, missing };
  // A set of nothing but optional packages is there as soon as one of them is.
  const wanted = await installed(modelsDir, optional);
  const isEmpty = [...wanted.values()].every(({ found }) => found === undefined);
  return { name, missing: isEmpty ? missingFrom(wanted) : [] };
}

/** Missing packages in words: `lavie-base (base), svd-vae or sd14-vae (vae)`. */
export function missingText(missing: ModelSetState['missing']): string {
  return missing.map(({ role, packages }) => `${packages.join(' or ')} (${role})`).join(', ');
}

async function readSet(modelsDir: string, name: string): Promise<SetFile> {
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
  return parsed.data;
}

/** By role the first of its packages that is in the models folder, if one is. */
async function installed(
  modelsDir: string,
  wanted: SetFile['packages'],
): Promise<ReadonlyMap<ModelRole, { readonly names: readonly string[]; readonly found: string | undefined }>> {
  const found = new Map<ModelRole, { readonly names: readonly string[]; readonly found: string | undefined }>();
  for (const role of roles) {
    const names = wanted[role];
    if (names === undefined) continue;
    const there = await Promise.all(names.map((name) => isFile(join(packageDir(modelsDir, name), 'model.json'))));
    found.set(role, { names, found: names[there.indexOf(true)] });
  }
  return found;
}

const missingFrom = (packages: Awaited<ReturnType<typeof installed>>): ModelSetState['missing'] =>
  [...packages].flatMap(([role, { names, found }]) => (found === undefined ? [{ role, packages: names }] : []));

const packageDir = (modelsDir: string, name: string): string => join(modelsDir, 'packages', name);

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

/** The packages of the chosen alternatives, by role. */
function chosen(set: string, alternatives: SetFile['alternatives'] = {}, choice: ModelChoice): SetFile['packages'] {
  const packages: SetFile['packages'] = {};
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
    packages[role] = [packageName];
  }
  // Any upscaler serves any set: frames go in and planes come out.
  return {
    ...packages,
    ...(choice.upscale === undefined ? {} : { upscale: [choice.upscale] }),
    // And any voice.
    ...(choice.voice === undefined ? {} : { voice: [choice.voice] }),
  };
}

/** How the sentences of a set are built; `undefined` when it does not say. @throws `MODEL_UNKNOWN`, `MODEL_INVALID`. */
export async function readSetLanguage(modelsDir: string, name: string): Promise<Language | undefined> {
  return (await readSet(modelsDir, name)).language;
}

/** Names of the alternatives of a set, by role. @throws `MODEL_UNKNOWN`, `MODEL_INVALID` as {@link loadModelSet} for the set's file. */
export async function listAlternatives(modelsDir: string, name: string): Promise<readonly ModelChoice[]> {
  const { alternatives } = await readSet(modelsDir, name);
  return Object.keys(alternatives?.base ?? {}).map((base) => ({ base }));
}

const invalid = (set: string, what: string): PipelineError =>
  new PipelineError(
    'MODEL_INVALID',
    `Model set '${set}' cannot be used: ${what}. Correct the set or export its packages again.`,
    {
      details: { set },
    },
  );
