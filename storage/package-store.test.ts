import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { createPackageStore } from './package-store.ts';

test.each(['', '..', '../../outside', `${'a'.repeat(63)}/`, 'A'.repeat(64), `${'a'.repeat(64)}/..`])(
  'a plan that names a package by %j leads nowhere, neither in the bucket nor on this disk',
  async (digest) => {
    const dir = await mkdtemp(join(tmpdir(), 'shotline-packages-'));
    const objects = new FakeObjectStore();
    const asked: string[] = [];
    objects.get = (key) => {
      asked.push(key);
      return Promise.resolve(null);
    };
    const packages = createPackageStore(objects, dir);
    await expect(packages.ensurePackage({ name: 'evil', version: '1', digest })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('which is no digest') as unknown,
    });
    expect([asked, await readdir(dir)]).toEqual([[], []]);
    await rm(dir, { recursive: true });
  },
);
