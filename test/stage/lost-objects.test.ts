import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { artifactObjectKey, createArtifactStore } from '../../storage/artifact-store.ts';
import { checkpointObjectKey, createCheckpointStore } from '../../storage/checkpoint-store.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import { createPackageStore } from '../../storage/package-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { startRefusingProxy } from '../harness/refusing-proxy.ts';
import { type PrivateSeaweed, startPrivateSeaweed } from '../harness/private-seaweed.ts';

jest.setTimeout(180_000);

/** A server that lists what it has lost. */

let server: PrivateSeaweed;
let objects: ObjectStore;
beforeAll(async () => {
  server = await startPrivateSeaweed();
  objects = connectObjectStore(server.config);
  await objects.ensureBucket();
});
afterAll(async () => {
  objects.close();
  await server.stop();
});

const newKey = (): string => randomBytes(32).toString('hex');
let content: string;
beforeEach(async () => {
  content = join(server.dir, newKey());
  await writeFile(content, randomBytes(300_000));
});
const aside = (): string => join(server.dir, newKey());

test('an artifact that is listed and cannot be read is deleted, told as missing, and can be made again; so with a checkpoint', async () => {
  const artifacts = createArtifactStore(objects);
  const checkpoints = createCheckpointStore(objects);
  const task = { stage: 'base', key: newKey() } as const;
  const made = await artifacts.publish(task, content);
  await checkpoints.save(task.key, 4, content);
  await server.loseVolumes();
  expect(await artifacts.find(task)).toEqual(made);

  await expect(artifacts.fetch(task, aside())).rejects.toMatchObject({
    code: 'ARTIFACT_MISSING',
    details: { key: task.key },
    message: expect.stringMatching(/is listed .*and cannot be read .*HTTP 500.*while other objects can/) as unknown,
  });
  expect(await artifacts.find(task)).toBeNull();
  expect(await artifacts.publish(task, content)).toEqual(made);
  expect(await artifacts.fetch(task, aside())).toMatchObject(made);

  expect(await checkpoints.latest(task.key, server.dir)).toBeNull();
  expect(await objects.head(checkpointObjectKey(task.key, 4))).toBeNull();
});

test('a picture that somebody uploaded is waited for, for nobody can make it again, and what brings it back is told', async () => {
  const key = newKey();
  const objectKey = artifactObjectKey('upload', key);
  await objects.putBytes(objectKey, randomBytes(1000), { contentType: 'x/y', sha256: key });
  await server.loseVolumes();
  const artifacts = createArtifactStore(objects);
  await expect(artifacts.fetch({ stage: 'upload', key }, aside())).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringMatching(
      /\.safetensors is lost: bucket .* lists it and cannot give it \(.*HTTP 500.*\), while other objects can be read\. Delete it in the bucket and render the script again/,
    ) as unknown,
  });
  expect(await objects.head(objectKey)).not.toBeNull();
});

test('a model package whose file is lost is waited for, and what brings it back is told', async () => {
  const dir = join(import.meta.dirname, '../../models/packages/pocket-text');
  const cache = join(server.dir, newKey());
  const packages = createPackageStore(objects, cache);
  const ref = await packages.pushPackage(dir);
  await server.loseVolumes();
  await expect(packages.ensurePackage(ref)).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringMatching(
      /^packages\/\w+\/model\.json is lost: .*Delete packages\/\w+\/ in the bucket and run `shotline models push` where the model set lies\./,
    ) as unknown,
  });
  for (const { key } of await objects.list(`packages/${ref.digest}/`)) await objects.delete(key);
  await packages.pushPackage(dir);
  expect(await packages.ensurePackage(ref)).toContain(ref.digest);
});

test('nothing is deleted while the server as a whole cannot be read', async () => {
  const task = { stage: 'base', key: newKey() } as const;
  const made = await createArtifactStore(objects).publish(task, content);
  const proxy = await startRefusingProxy(server.config.endpoint!);
  const astray = connectObjectStore({ ...server.config, endpoint: proxy.endpoint });
  try {
    proxy.refuse({ status: 500, method: 'GET' });
    const failure = createArtifactStore(astray).fetch(task, aside());
    await expect(failure).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    proxy.relent();
    expect(await createArtifactStore(astray).fetch(task, aside())).toMatchObject(made);
  } finally {
    astray.close();
    proxy.close();
  }
});

test('an artifact that can be read again after a while is handed out', async () => {
  const task = { stage: 'base', key: newKey() } as const;
  const made = await createArtifactStore(objects).publish(task, content);
  const proxy = await startRefusingProxy(server.config.endpoint!);
  const astray = connectObjectStore({ ...server.config, endpoint: proxy.endpoint });
  try {
    // The three tries of a download with the three of the SDK in each, and one look after that.
    proxy.refuse({ status: 500, method: 'GET', requests: 10 });
    await expect(createArtifactStore(astray).fetch(task, aside())).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(await createArtifactStore(astray).fetch(task, aside())).toMatchObject(made);
    expect(proxy.refused).toBe(10);
  } finally {
    astray.close();
    proxy.close();
  }
});
