import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactKeyVariables } from '../../storage/artifact-key.ts';
import type { Environment } from '../../storage/config.ts';
import { writeWholeFile } from '../../storage/whole-file.ts';

/** File of the key by which the workers of the local stack know what they made; mode 0600, made once. */
export const artifactKeyFile = (stackDir: string): string => join(stackDir, 'artifact-key');

/** Makes the key unless it is there. Call it with the stack lock held: of two keys only one would stay. */
export async function ensureArtifactKey(stackDir: string): Promise<void> {
  const file = artifactKeyFile(stackDir);
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found === '') await writeWholeFile(file, `${randomBytes(32).toString('hex')}\n`);
}

/** What tells workers where the key is. Keys that the environment names win. */
export function artifactKeyEnvironment(env: Environment, stackDir: string): Record<string, string> {
  const isNamed = artifactKeyVariables.some((name) => (env[name] ?? '') !== '');
  return isNamed ? {} : { SHOTLINE_ARTIFACT_KEY_FILE: artifactKeyFile(stackDir) };
}
