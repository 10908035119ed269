import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * The workflow code of a release, by the name that Temporal pins stories to.
 *
 * R1. Two hosts that bundle the same code give it the same name, wherever it lies; other code has another name.
 */
export interface Release {
  /** Version of the package and a hash of the code: `0.1.0-3fa71d325cbe`. */
  readonly buildId: string;
  /** The bundle for Temporal's sandbox. */
  readonly code: string;
}

const versionMark = /^\/\* shotline (\S+) \*\//;
const sourceMap = '//# sourceMappingURL=';

/** Writes the version of the package into the head of a bundle. On the first line, so that source maps keep their lines. */
export function markedWithVersion(code: string, version: string): string {
  return `/* shotline ${version} */ ${code}`;
}

/** Version of the package that this code is part of. */
export async function packageVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

/** The release that a marked bundle is. */
export function releaseOf(code: string): Release {
  const end = code.lastIndexOf(sourceMap);
  // The map has paths of the machine in it, and decides nothing.
  const hash = createHash('sha256').update(end < 0 ? code : code.slice(0, end));
  return { buildId: `${versionMark.exec(code)?.[1] ?? '0'}-${hash.digest('hex').slice(0, 12)}`, code };
}

/** Name of the worker deployment whose versions are the releases of the `edit` pool. Temporal takes no dots in it. */
export function deploymentNameOf(queues: string): string {
  return `${queues.replaceAll('.', '_')}-edit`;
}
