import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { readPackageFolder } from '../../storage/package-folder.ts';
import type { PackageFolder } from '../../storage/package-folder.ts';
import type { Column } from '../shell/text-table.ts';
import { byteSize } from '../shell/time-format.ts';

/** What lies in a models folder. */
export interface FoundPackages {
  readonly packages: readonly PackageFolder[];
  /** Why the others cannot be read: `MODEL_INVALID`, `MODEL_UNKNOWN`. */
  readonly broken: readonly PipelineError[];
}

/** The model packages under a models folder, by name. */
export async function listPackages(modelsDir: string): Promise<FoundPackages> {
  const packagesDir = join(modelsDir, 'packages');
  const entries = await readdir(packagesDir, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : []));
  const read = await Promise.allSettled(names.sort().map((name) => readPackageFolder(join(packagesDir, name))));
  const broken = read.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const unforeseen = broken.find((reason) => !(reason instanceof PipelineError));
  if (unforeseen !== undefined) throw unforeseen as Error;
  return {
    packages: read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    broken: broken.filter((reason) => reason instanceof PipelineError),
  };
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
