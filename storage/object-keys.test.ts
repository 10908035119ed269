import { expect, test } from '@jest/globals';
import { artifactObjectKey } from './artifact-store.ts';
import { checkpointObjectKey, stepOfCheckpoint } from './checkpoint-store.ts';
import { downloadName, filmObjectKey } from './film-store.ts';

const key = 'ab'.repeat(32);

test('an artifact lies under its stage and key', () => {
  expect(artifactObjectKey('base', key)).toBe(`artifacts/base/${key}.safetensors`);
  expect(artifactObjectKey('segment', key)).toBe(`artifacts/segment/${key}.mp4`);
});

test.each(['', '../../etc/passwd', key.toUpperCase(), `${key}0`, `${key}\n`])('%j is no artifact key', (wrong) => {
  expect(() => artifactObjectKey('base', wrong)).toThrow(/64 hex digits/);
  expect(() => checkpointObjectKey(wrong, 1)).toThrow(/64 hex digits/);
});

test('checkpoint keys sort by step and give it back', () => {
  const keys = [4, 12, 100].map((step) => checkpointObjectKey(key, step));
  expect([...keys].sort()).toEqual(keys);
  expect(keys.map(stepOfCheckpoint)).toEqual([4, 12, 100]);
  expect(stepOfCheckpoint('scratch/checkpoints/readme.txt')).toBeNull();
});

test('two films share a folder only when script and frames are the same', () => {
  const dawn = { title: 'Dawn', slug: 'dawn', scriptHash: 'a'.repeat(12), filmKey: key };
  expect(filmObjectKey(dawn, 'dawn.mp4')).toMatch(/^films\/dawn-[0-9a-f]{12}\/dawn\.mp4$/);
  const folders = [dawn, { ...dawn, scriptHash: 'b'.repeat(12) }, { ...dawn, filmKey: 'c'.repeat(64) }];
  expect(new Set(folders.map((film) => filmObjectKey(film, 'dawn.mp4'))).size).toBe(3);
});

test.each([
  ['映画 第一話', '映画 第一話.mp4'],
  ['Маяк: начало', 'Маяк начало.mp4'],
  ['فيلم', 'فيلم.mp4'],
  ['../../etc/passwd', 'etc passwd.mp4'],
  ['a\u202eb', 'a b.mp4'],
  ['🎬', '🎬.mp4'],
  ['...', 'film.mp4'],
  ['x'.repeat(200), `${'x'.repeat(80)}.mp4`],
])('the film %p is saved as %p', (title, name) => {
  expect(downloadName(title)).toBe(name);
});
