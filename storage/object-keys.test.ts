import { expect, test } from '@jest/globals';
import { artifactObjectKey } from './artifact-store.ts';
import { checkpointObjectKey, stepOfCheckpoint } from './checkpoint-store.ts';
import { filmObjectKey } from './film-store.ts';

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

test('films of one story have folders of their own when their content differs', () => {
  expect(filmObjectKey({ slug: 'dawn', filmKey: key }, 'dawn.mp4')).toBe('films/dawn-abababababab/dawn.mp4');
});
