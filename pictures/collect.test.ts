import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../story/parse-script.ts';
import type { StoryScript } from '../story/script.ts';
import { pngFile } from '../test/fakes/png.ts';
import { collectPictures } from './collect.ts';
import type { PictureSources } from './read-source.ts';

let folder: string;
const picture = (value: number): Buffer =>
  pngFile({ width: 8, height: 8, channels: 3 }, new Uint8Array(192).fill(value));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-collect-'));
  await writeFile(join(folder, 'a.png'), picture(1));
  await writeFile(join(folder, 'same.png'), picture(1));
  await writeFile(join(folder, 'b.png'), picture(2));
  await writeFile(join(folder, 'story.txt'), 'words');
  await mkdir(join(folder, 'folder.png'));
  await symlink('/dev/zero', join(folder, 'endless.png'));
});
afterAll(() => rm(folder, { recursive: true }));

const sources = (): PictureSources => ({ folder, https: { hosts: [] }, storage: () => Promise.resolve(null) });
const scriptOf = (...shots: object[]): StoryScript =>
  parseScript(JSON.stringify({ shots: shots.map((shot, i) => ({ id: `s${String(i)}`, prompt: 'a ball', ...shot })) }), {
    fileName: 'story.yaml',
  });

test('pictures get keys by their content, each different one is collected once', async () => {
  const script = scriptOf(
    { animate: 'a.png' },
    { keyframes: { 0: 'same.png', 15: 'b.png' } },
    { animate: 'a.png' },
    {},
  );
  const { script: read, pictures, findings } = await collectPictures(script, sources());
  expect(findings).toEqual([]);
  expect(pictures).toHaveLength(2);
  const keys = read.shots.map((shot) => shot.pictures?.map(({ picture: { key } }) => key));
  const [a, b] = pictures.map(({ key }) => key);
  expect(keys).toEqual([[a], [a, b], [a], undefined]);
  expect(a).toMatch(/^[0-9a-f]{64}$/);
});

test('a script whose pictures were read is left alone, whatever became of the files', async () => {
  const { script } = await collectPictures(scriptOf({ animate: 'a.png' }), sources());
  const again = await collectPictures(script, { ...sources(), folder: '/nowhere' });
  expect(again).toEqual({ script, pictures: [], findings: [] });
});

test('every wrong picture is found, with its path in the script', async () => {
  const script = scriptOf(
    { animate: 'none.png' },
    { animate: 'story.txt' },
    { keyframes: { 0: 'a.png', 8: 'folder.png', 15: 'endless.png' } },
    { animate: 's3://films/a.png' },
    { animate: 's3://films' },
    { animate: 'https://example.test/a.png?signature=secret' },
  );
  const { findings } = await collectPictures(script, sources());
  expect(findings.map(({ path, message }) => [path.join('.'), message])).toEqual([
    [
      'shots.0.animate',
      'shots[0].animate is "none.png", which cannot be read (ENOENT); paths start at the folder of the script',
    ],
    ['shots.1.animate', expect.stringContaining('which is not a picture')],
    ['shots.2.keyframes.8', expect.stringContaining('"folder.png", which is not a file')],
    ['shots.2.keyframes.15', expect.stringContaining('"endless.png", which is not a file')],
    ['shots.3.animate', expect.stringContaining('needs a storage and none runs')],
    ['shots.4.animate', expect.stringContaining('is no S3 address; write s3://bucket/key')],
    ['shots.5.animate', expect.stringContaining('which is on example.test, which the operator does not allow')],
  ]);
  expect(findings.at(-1)?.message).not.toContain('secret');
});
