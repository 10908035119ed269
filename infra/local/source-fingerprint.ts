import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashCode, reachedFolders, readRooms } from '../../storage/tree-hash.ts';

/** Folder of the code that runs: the repository, or `dist/` of a build. Ends with a slash. */
export const codeRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A worker process is started by the command line, which reaches all of it. */
const startedBy = ['cli'];

/** Settings that only the machine that submits reads: to render with other models is no reason to restart a worker. */
const ofClients = ['SHOTLINE_MODELS', 'SHOTLINE_PICTURE_HOSTS', 'SHOTLINE_PICTURE_BUCKETS', 'SHOTLINE_TEMPORAL_UI'];

/**
 * A hash that changes when a worker would behave otherwise: its code, its dependencies, or its settings. Values of
 * settings, which may be secrets, enter the hash and nothing else.
 */
export async function workerFingerprint(env: Readonly<Record<string, string>>): Promise<string> {
  const hash = createHash('sha256');
  await hashCode(hash, codeRoot, reachedFolders(await readRooms(codeRoot), startedBy));
  hash.update(await readFile(join(codeRoot, 'package-lock.json')).catch(() => ''));
  // Without torch engines a Python is there to convert checkpoints only.
  const others = new Set(env['SHOTLINE_ENGINE'] === 'torch' ? ofClients : [...ofClients, 'SHOTLINE_PYTHON']);
  // The SDK's own switches are set by whichever process opens it first and change nothing for a worker.
  const settings = Object.entries(env).filter(
    ([name]) => /^(SHOTLINE_|AWS_(?!SDK_JS_))/.test(name) && !others.has(name),
  );
  return hash.update(JSON.stringify(settings.sort())).digest('hex');
}
