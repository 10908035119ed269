import { readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { artifactObjectKey, createArtifactStore } from './artifact-store.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { digestOf } from './file-hash.ts';
import { uploadContents } from './upload-contents.ts';
import type { Content } from './upload-contents.ts';

let objects: FakeObjectStore;
let artifacts: ArtifactStore;
/** Files that contents were written to. */
let files: string[];

beforeEach(() => {
  objects = new FakeObjectStore();
  artifacts = createArtifactStore(objects);
  files = [];
});
afterEach(() => {
  objects.close();
});

const contentOf = (text: string): Content => ({
  name: { stage: 'upload', key: digestOf(Buffer.from(text)).sha256 },
  write: async (file) => {
    files.push(file);
    await writeFile(file, text);
  },
});
const placeOf = ({ name }: Content): string => artifactObjectKey('upload', name.key);

test('contents go to the places of their hashes, and no file stays', async () => {
  const [one, two] = [contentOf('one'), contentOf('two')];
  await uploadContents(artifacts, [one, two]);
  expect([one, two].map((content) => objects.text(placeOf(content)))).toEqual(['one', 'two']);
  expect(files.map((file) => file.includes('shotline-uploads-'))).toEqual([true, true]);
  await expect(readdir(dirname(files[0]!))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('at most one file lies on the disk at a time', async () => {
  const second = contentOf('two');
  const seen: string[][] = [];
  const watching: Content = {
    ...second,
    write: async (file) => {
      await second.write(file);
      seen.push(await readdir(dirname(file)));
    },
  };
  await uploadContents(artifacts, [contentOf('one'), watching]);
  expect(seen).toEqual([[`${second.name.key}.safetensors`]]);
});

test('what the store has is not written again', async () => {
  const content = contentOf('one');
  await uploadContents(artifacts, [content]);
  files = [];
  await uploadContents(artifacts, [content, contentOf('two')]);
  expect(files).toHaveLength(1);
  expect(await readFile(files[0]!).catch(() => null)).toBeNull();
});

test('nothing is made for nothing', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('shotline-uploads-')).length;
  await uploadContents(artifacts, []);
  const after = (await readdir(tmpdir())).filter((name) => name.startsWith('shotline-uploads-')).length;
  expect(after).toBe(before);
});

test('a content that cannot be written leaves no file, and what was uploaded before it stays', async () => {
  const [one, two] = [contentOf('one'), contentOf('two')];
  const broken: Content = {
    ...two,
    write: async (file) => {
      await two.write(file);
      throw new Error('the picture is gone');
    },
  };
  await expect(uploadContents(artifacts, [one, broken])).rejects.toThrow('the picture is gone');
  expect(objects.keys()).toEqual([placeOf(one)]);
  await expect(readdir(dirname(files[0]!))).rejects.toMatchObject({ code: 'ENOENT' });
});
