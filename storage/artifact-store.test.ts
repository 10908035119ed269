import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { artifactObjectKey, createArtifactStore, type ArtifactStore } from './artifact-store.ts';
import { digestOf } from './file-hash.ts';
import type { PutOptions, PutOutcome } from './object-store.ts';

const key = 'ab'.repeat(32);
const task = { stage: 'interp', key } as const;
const objectKey = artifactObjectKey('interp', key);

let dir: string;
let objects: FakeObjectStore;
let artifacts: ArtifactStore;
const fileOf = async (name: string, content: string): Promise<string> => {
  await writeFile(join(dir, name), content);
  return join(dir, name);
};
/** What lies in the bucket under another digest than its own. */
const damage = (content: string, sha256: string): Promise<PutOutcome> =>
  objects.putBytes(objectKey, Buffer.from(content), { contentType: 'x/y', sha256 });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-artifacts-'));
  objects = new FakeObjectStore();
  artifacts = createArtifactStore(objects);
});
afterEach(() => rm(dir, { recursive: true }));

describe('an artifact', () => {
  test('is found once it is published, with the digest of its bytes', async () => {
    expect(await artifacts.find(task)).toBeNull();
    const ref = await artifacts.publish(task, await fileOf('made', 'frames'));
    expect(ref).toEqual({ key, ...digestOf(Buffer.from('frames')) });
    expect(await artifacts.find(task)).toEqual(ref);
    expect(await artifacts.fetch(task, join(dir, 'got'))).toMatchObject(ref);
    expect(await readFile(join(dir, 'got'), 'utf8')).toBe('frames');
  });

  test('is written once: who comes second gets the first one’s (A1)', async () => {
    const first = await artifacts.publish(task, await fileOf('first', 'one'));
    expect(await artifacts.publish(task, await fileOf('second', 'two'))).toEqual(first);
    expect(objects.text(objectKey)).toBe('one');
  });

  test('goes to its place when that is emptied between the put and the look', async () => {
    await damage('lost', 'no digest');
    const head = objects.head.bind(objects);
    let looks = 0;
    objects.head = async (name) => {
      if ((looks += 1) === 1) await objects.delete(name);
      return head(name);
    };
    await artifacts.publish(task, await fileOf('made', 'frames'));
    expect([looks, objects.text(objectKey)]).toEqual([1, 'frames']);
  });

  test('carries the kind of its content and the sha256 that its writer computed', async () => {
    const put = objects.putFile.bind(objects);
    const seen: PutOptions[] = [];
    objects.putFile = (name, file, options) => {
      seen.push(options);
      return put(name, file, options);
    };
    const file = await fileOf('made', 'frames');
    const { sha256 } = digestOf(Buffer.from('frames'));
    const { signal } = new AbortController();
    await artifacts.publish(task, file, signal);
    await artifacts.publish({ stage: 'film', key }, file);
    await artifacts.publish({ stage: 'measure', key }, file);
    expect(seen).toEqual([
      { contentType: 'application/octet-stream', ifAbsent: true, sha256, signal },
      { contentType: 'video/mp4', ifAbsent: true, sha256 },
      { contentType: 'application/json', ifAbsent: true, sha256 },
    ]);
  });

  test('without a digest blocks nobody: a look does not find it, and who makes it takes its place', async () => {
    await damage('anything', 'x');
    const stored = objects.objects.get(objectKey)!;
    objects.objects.set(objectKey, { ...stored, info: { ...stored.info, sha256: null } });
    expect(await artifacts.find(task)).toBeNull();
    expect(objects.text(objectKey)).toBe('anything');
    await artifacts.publish(task, await fileOf('made', 'frames'));
    expect(objects.text(objectKey)).toBe('frames');
  });

  test('of a picture is held against its key, whatever its metadata say (A2)', async () => {
    const content = Buffer.from('pixels');
    const { sha256 } = digestOf(content);
    const upload = { stage: 'upload', key: sha256 } as const;
    const place = artifactObjectKey('upload', sha256);
    await objects.putBytes(place, content, { contentType: 'x/y', sha256: 'said to be another' });
    expect(await artifacts.fetch(upload, join(dir, 'got'))).toMatchObject({ key: sha256, sha256 });
    const forged = Buffer.from('others');
    await objects.putBytes(place, forged, { contentType: 'x/y', sha256: digestOf(forged).sha256 });
    await expect(artifacts.fetch(upload, join(dir, 'forged'))).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringContaining('submit the story again, which uploads its pictures') as unknown,
    });
    expect(objects.keys()).toEqual([]);
  });

  test('of a picture is found under its key, and not before it is there', async () => {
    const upload = { stage: 'upload', key } as const;
    expect(await artifacts.find(upload)).toBeNull();
    await objects.putBytes(artifactObjectKey('upload', key), Buffer.from('pixels'), {
      contentType: 'x/y',
      sha256: 'x',
    });
    expect(await artifacts.find(upload)).toEqual({ key, sha256: key, bytes: 6 });
  });
});

describe('a key that something else keeps (A1)', () => {
  /** A store on which nothing comes to a key while something lies below it, as on a server with folders. */
  function blockedStore(mayDelete = true) {
    const blocked: unknown[] = [];
    const ifAbsent: unknown[] = [];
    const put = objects.putFile.bind(objects);
    objects.putFile = (name, file, options) => {
      ifAbsent.push(options.ifAbsent);
      const isBlocked = options.ifAbsent === true && objects.keys(`${name}/`).length > 0;
      return isBlocked ? Promise.resolve('exists') : put(name, file, options);
    };
    if (!mayDelete) objects.delete = () => Promise.reject(new PipelineError('STORAGE_DENIED', 'no'));
    return { store: createArtifactStore(objects, (each) => void blocked.push(each)), blocked, ifAbsent };
  }
  const block = (): Promise<PutOutcome> =>
    objects.putBytes(`${objectKey}/x`, Buffer.from('in the way'), { contentType: 'x/y' });

  test('is freed at the second try, and it is told what lay there', async () => {
    await block();
    const { store, blocked, ifAbsent } = blockedStore();
    expect(await store.publish(task, await fileOf('made', 'frames'))).toMatchObject({ key });
    expect(objects.keys()).toEqual([objectKey]);
    expect([blocked, ifAbsent]).toEqual([[{ stage: 'interp', object: objectKey, below: 1 }], [true, true, true]]);
  });

  test('is written over by who may not delete', async () => {
    await block();
    const { store, blocked, ifAbsent } = blockedStore(false);
    await store.publish(task, await fileOf('made', 'frames'));
    expect(objects.text(objectKey)).toBe('frames');
    expect([blocked, ifAbsent]).toEqual([
      [{ stage: 'interp', object: objectKey, below: 'denied' }],
      [true, true, false],
    ]);
  });

  test('at which all that is written vanishes is given up after three tries', async () => {
    let tries = 0;
    objects.putFile = () => {
      tries += 1;
      return Promise.resolve('exists');
    };
    await expect(artifacts.publish(task, await fileOf('made', 'frames'))).rejects.toMatchObject({
      code: 'ARTIFACT_MISSING',
      details: { key },
    });
    expect(tries).toBe(3);
  });
});

describe('an artifact that cannot be had', () => {
  test('is missing, by its key', async () => {
    await expect(artifacts.fetch(task, join(dir, 'got'))).rejects.toMatchObject({
      code: 'ARTIFACT_MISSING',
      message: expect.stringContaining(`The interp artifact ${objectKey} is not in bucket 'memory'`) as unknown,
      details: { key },
    });
  });

  test('is deleted when its bytes are not those of its writer, and leaves no file (A2, A3)', async () => {
    await damage('spoiled', digestOf(Buffer.from('frames')).sha256);
    await expect(artifacts.fetch(task, join(dir, 'got'))).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringContaining('was corrupt (its sha256 is') as unknown,
      details: { key },
    });
    expect(objects.keys()).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  test('is told as what it is to a reader who may not delete it', async () => {
    await damage('spoiled', digestOf(Buffer.from('frames')).sha256);
    objects.delete = () => Promise.reject(new PipelineError('STORAGE_DENIED', 'Cannot delete: AccessDenied'));
    await expect(artifacts.fetch(task, join(dir, 'got'))).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringContaining('and is left for a worker to delete; it is made again') as unknown,
    });
    objects.delete = () => Promise.reject(new PipelineError('STORAGE_UNAVAILABLE', 'Cannot delete: away'));
    await expect(artifacts.fetch(task, join(dir, 'got'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  test('is told when a signal ends the look for it', async () => {
    await artifacts.publish(task, await fileOf('made', 'frames'));
    await expect(artifacts.fetch(task, join(dir, 'got'), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('content of no use', () => {
  test('is discarded only while the bucket still has it (A3)', async () => {
    const { sha256 } = digestOf(Buffer.from('no clip'));
    await artifacts.discard(task, sha256);
    await artifacts.publish(task, await fileOf('bad', 'no clip'));
    await artifacts.discard(task, digestOf(Buffer.from('another')).sha256);
    expect(objects.keys()).toEqual([objectKey]);
    await artifacts.discard(task, sha256);
    expect(objects.keys()).toEqual([]);
  });
});
