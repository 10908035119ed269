import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from './file-hash.ts';
import { parseJson, readPackageFolder, verifyPackage } from './package-folder.ts';

const shipped = join(import.meta.dirname, '../models/packages/pocket-text');
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-package-'));
  await cp(shipped, dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

test('a package is named by its manifest, and its digest is that of the manifest', async () => {
  const { manifest, ref } = await readPackageFolder(dir);
  const digest = digestOf(await readFile(join(dir, 'model.json'))).sha256;
  expect(ref).toEqual({ name: 'pocket-text', version: manifest.version, digest });
});

test('a folder without a manifest is no package; one that is no JSON is named', async () => {
  await expect(readPackageFolder(join(dir, 'absent'))).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    details: { dir: join(dir, 'absent') },
  });
  expect(() => parseJson('{', 'a.json')).toThrow(/^a\.json is not JSON \(.+\); take it from .+\.$/);
  expect(parseJson('[1]', 'a.json')).toEqual([1]);
});

test('files as in the manifest pass both checks', async () => {
  const folder = await readPackageFolder(dir);
  await verifyPackage(folder, 'size');
  await verifyPackage(folder, 'sha256');
});

test('every file that is missing or altered is listed; altered bytes of the same length are seen by the digest alone', async () => {
  const folder = await readPackageFolder(dir);
  const [first, second] = folder.manifest.files;
  const bytes = await readFile(join(dir, first!.path));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(join(dir, first!.path), bytes);
  await verifyPackage(folder, 'size');
  await expect(verifyPackage(folder, 'sha256')).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
    details: { package: 'pocket-text', files: [`${first!.path} has another sha256`] },
  });
  await writeFile(join(dir, first!.path), bytes.subarray(1));
  await rm(join(dir, second!.path));
  await expect(verifyPackage(folder, 'size')).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
    details: {
      files: [
        `${first!.path} has ${String(bytes.length - 1)} bytes, not ${String(bytes.length)}`,
        `${second!.path} is missing`,
      ],
    },
  });
});
