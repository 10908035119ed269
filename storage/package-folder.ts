import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { parseManifest } from '../story/models/model-manifest.ts';
import type { ModelManifest } from '../story/models/model-manifest.ts';
import type { PackageRef } from '../story/models/model-set.ts';
import { digestOf, digestOfFile } from './file-hash.ts';

/** A model package on this machine. */
export interface PackageFolder {
  readonly dir: string;
  readonly manifest: ModelManifest;
  readonly ref: PackageRef;
}

/**
 * Reads a package's manifest; its files are not read, see {@link verifyPackage}.
 * @throws `MODEL_UNKNOWN` when there is no `model.json`, `MODEL_INVALID` when it breaks the rules.
 */
export async function readPackageFolder(dir: string): Promise<PackageFolder> {
  const file = join(dir, 'model.json');
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new PipelineError(
      'MODEL_UNKNOWN',
      `${file} cannot be read, so ${dir} is no model package; export it again.`,
      {
        details: { dir },
        cause: error,
      },
    );
  });
  const manifest = parseManifest(parseJson(bytes.toString('utf8'), file), file);
  return { dir, manifest, ref: { name: manifest.name, version: manifest.version, digest: digestOf(bytes).sha256 } };
}

/** Parses JSON. @throws `MODEL_INVALID` that names the file. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PipelineError(
      'MODEL_INVALID',
      `${file} is not JSON (${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : 'no reason given'}); take it from where the model came from, or export it again.`,
      {
        cause: error,
      },
    );
  }
}

/** How closely a package's files are looked at: `size` costs nothing, `sha256` reads every byte. */
export type PackageCheck = 'size' | 'sha256';

/**
 * Compares a package's files with its manifest.
 * @throws `MODEL_CORRUPT` that lists every file that is missing or altered, in details `{ package, files }`.
 */
export async function verifyPackage({ dir, manifest }: PackageFolder, check: PackageCheck): Promise<void> {
  const problems: string[] = [];
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = join(dir, path);
    const found = await stat(file).catch(() => null);
    if (found === null) problems.push(`${path} is missing`);
    else if (found.size !== bytes) problems.push(`${path} has ${String(found.size)} bytes, not ${String(bytes)}`);
    else if (check === 'sha256' && (await digestOfFile(file)).sha256 !== sha256)
      problems.push(`${path} has another sha256`);
  }
  if (problems.length === 0) return;
  throw new PipelineError(
    'MODEL_CORRUPT',
    `Model package ${manifest.name} ${manifest.version} in ${dir} differs from its manifest: ${problems.join('; ')}. Get the package again.`,
    { details: { package: manifest.name, files: problems } },
  );
}
