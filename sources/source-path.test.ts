import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pathInFolder } from './source-path.ts';

/** `base/story` is the folder of the script; everything else in `base` is none of its business. */
let base: string;
const folder = (): string => join(base, 'story');

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'shotline-path-')));
  await mkdir(join(folder(), 'pics'), { recursive: true });
  await mkdir(join(base, 'story-of-others'));
  await mkdir(join(base, 'locked'), { mode: 0o000 });
  for (const file of ['story/pics/a.png', 'story/..b.png', 'secret.png', 'story-of-others/a.png']) {
    await writeFile(join(base, file), 'picture');
  }
  const links = {
    'story/out.png': '../secret.png',
    'story/out-to-nothing.png': '../nothing.png',
    'story/up': '..',
    'story/pics/inside.png': 'a.png',
    'story/pics/absolute.png': join(base, 'story/pics/a.png'),
    'story/pics/round.png': '../../story/pics/a.png',
    'story/chain.png': 'out.png',
    'story/chain-to-nothing.png': 'out-to-nothing.png',
    'story/lost.png': 'pics/lost.png',
    'story/loop.png': 'loop.png',
    // Back from outside: a folder, a file and nothing on the way.
    'story/by-folder.png': `${base}/story-of-others/../story/pics/a.png`,
    'story/by-file.png': `${base}/secret.png/../story/pics/a.png`,
    'story/by-nothing.png': `${base}/nothing/../story/pics/a.png`,
    alias: 'story',
  };
  for (const [link, target] of Object.entries(links)) await symlink(target, join(base, link));
});
afterAll(() => rm(base, { recursive: true }));

test.each([
  ['pics/a.png', 'pics/a.png'],
  ['./pics/../pics//a.png', 'pics/a.png'],
  ['..b.png', '..b.png'],
  ['pics/inside.png', 'pics/a.png'],
  ['pics/absolute.png', 'pics/a.png'],
  ['pics/round.png', 'pics/a.png'],
  ['up/story/pics/a.png', 'pics/a.png'],
  ['../alias/pics/a.png', 'pics/a.png'],
])('%s is inside', async (source, real) => {
  expect(await pathInFolder(folder(), source, 'picture')).toBe(join(folder(), real));
  expect(await pathInFolder(join(base, 'alias'), source.replace('../alias', '../story'), 'picture')).toBe(
    join(folder(), real),
  );
});

test('an absolute path is good where it leads inside', async () => {
  expect(await pathInFolder(folder(), join(base, 'alias/pics/a.png'), 'picture')).toBe(join(folder(), 'pics/a.png'));
});

test.each([
  ['../secret.png', '../nothing.png'],
  ['../story-of-others/a.png', '../story-of-others/nothing.png'],
  ['/etc/passwd', '/etc/nothing'],
  ['/', '/nothing/at/all'],
  ['..', '../..'],
  ['out.png', 'out-to-nothing.png'],
  ['chain.png', 'chain-to-nothing.png'],
  ['up/secret.png', 'up/nothing.png'],
  ['up', 'up/story/../nothing'],
  ['../locked', '../locked/a.png'],
  ['../secret.png/a.png', '../nothing.png/a.png'],
  ['by-folder.png', 'by-nothing.png'],
  ['by-file.png', 'by-nothing.png'],
])('%s and %s are outside, and nothing tells which of them is there', async (there, missing) => {
  for (const start of [folder(), join(base, 'alias')]) {
    const [one, other] = await Promise.all(
      [there, missing].map((source) => pathInFolder(start, source, 'picture').catch((error: unknown) => error)),
    );
    expect(one).toMatchObject({
      code: 'SCRIPT_INVALID',
      message:
        'lies outside the folder of the script; pictures lie in that folder or below it: copy it there, or allow others with --allow-outside',
    });
    expect((other as Error).message).toBe((one as Error).message);
  }
});

test.each([
  ['nothing.png', 'ENOENT'],
  ['pics/a.png/b.png', 'ENOTDIR'],
  ['lost.png', 'ENOENT'],
])('%s is inside and cannot be read', async (source, reason) => {
  await expect(pathInFolder(folder(), source, 'picture')).rejects.toThrow(`cannot be read (${reason})`);
});

test('a link to itself leads nowhere', async () => {
  await expect(pathInFolder(folder(), 'loop.png', 'picture')).rejects.toMatchObject({ code: 'SCRIPT_INVALID' });
});

test.each(['picture', 'sound', 'clip'] as const)('a %s is called what it is', async (noun) => {
  await expect(pathInFolder(folder(), '../other', noun)).rejects.toThrow(
    `lies outside the folder of the script; ${noun}s lie in that folder or below it`,
  );
});
