import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPackageFolder } from '../../storage/package-folder.ts';
import type { PackageFolder } from '../../storage/package-folder.ts';
import type { Column } from '../shell/text-table.ts';
import { byteSize } from '../shell/time-format.ts';

/** The model packages under a models folder, by name. @throws PipelineError `MODEL_INVALID` for a manifest that breaks the rules. */
export async function listPackages(modelsDir: string): Promise<PackageFolder[]> {
  const packagesDir = join(modelsDir, 'packages');
  const entries = await readdir(packagesDir, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : []));
  return Promise.all(names.sort().map((name) => readPackageFolder(join(packagesDir, name))));
}

/** Columns of the table. */
export const packageColumns: readonly Column[] = [
  { title: 'PACKAGE' },
  { title: 'VERSION' },
  { title: 'ROLE' },
  { title: 'SIZE', align: 'right' },
  { title: 'LICENCE' },
  { title: 'DIGEST' },
];

/** One row of the table. */
export function packageRow({ manifest, ref }: Pick<PackageFolder, 'manifest' | 'ref'>): string[] {
  const { name, version, role, licence } = manifest;
  return [name, version, role, byteSize(packageBytes(manifest.files)), licence, ref.digest.slice(0, 12)];
}

/** Size of all files of a package. */
export function packageBytes(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
