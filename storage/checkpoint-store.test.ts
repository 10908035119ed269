import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { checkpointObjectKey, createCheckpointStore, type CheckpointStore } from './checkpoint-store.ts';

const key = 'cd'.repeat(32);
let dir: string;
let objects: FakeObjectStore;
let checkpoints: CheckpointStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-checkpoints-'));
  objects = new FakeObjectStore();
  checkpoints = createCheckpointStore(objects);
});
afterEach(() => rm(dir, { recursive: true }));

async function save(...steps: readonly number[]): Promise<void> {
  for (const step of steps) {
    await writeFile(join(dir, 'state'), `step ${step}`);
    await checkpoints.save(key, step, join(dir, 'state'));
  }
}
/** As many bytes as before, and others. */
const spoil = (step: number): void => {
  const name = checkpointObjectKey(key, step);
  objects.objects.set(name, { ...objects.objects.get(name)!, bytes: Buffer.from('stop 8') });
};

describe('checkpoints', () => {
  test('are let go but for the two furthest, whatever the order they come in', async () => {
    await save(8, 4, 12, 100_000);
    expect(objects.keys()).toEqual([12, 100_000].map((step) => checkpointObjectKey(key, step)));
  });

  test('give the furthest one back', async () => {
    expect(await checkpoints.latest(key, dir)).toBeNull();
    await save(4, 8);
    const found = await checkpoints.latest(key, dir);
    expect(found).toEqual({ step: 8, file: join(dir, 'resume-8.safetensors') });
    expect(await readFile(found!.file, 'utf8')).toBe('step 8');
  });

  test('give the one before when the furthest is spoiled, and delete that', async () => {
    await save(4, 8);
    spoil(8);
    expect(await checkpoints.latest(key, dir, new AbortController().signal)).toMatchObject({ step: 4 });
    expect(objects.keys()).toEqual([checkpointObjectKey(key, 4)]);
    spoil(4);
    expect(await checkpoints.latest(key, dir)).toBeNull();
  });

  test('pass over one that goes while they are looked through', async () => {
    await save(4, 8);
    const get = objects.get.bind(objects);
    objects.get = async (name, signal) => {
      if (name === checkpointObjectKey(key, 8)) await objects.delete(name);
      return get(name, signal);
    };
    expect(await checkpoints.latest(key, dir)).toMatchObject({ step: 4 });
  });

  test('end with a signal', async () => {
    await save(4);
    await expect(checkpoints.latest(key, dir, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await expect(checkpoints.save(key, 8, join(dir, 'state'), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('are forgotten with their task, and no other’s', async () => {
    await save(4, 8);
    const other = checkpointObjectKey('ef'.repeat(32), 4);
    const stranger = checkpointObjectKey(key, 4).replace('000004', 'notes');
    for (const name of [other, stranger]) await objects.putBytes(name, Buffer.from('x'), { contentType: 'x/y' });
    expect(await checkpoints.latest(key, dir)).toMatchObject({ step: 8 });
    await checkpoints.clear(key);
    expect(objects.keys()).toEqual([stranger, other].sort());
  });
});
