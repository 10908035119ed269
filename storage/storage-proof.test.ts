import { expect, test } from '@jest/globals';
import { PipelineError } from '../errors/pipeline-error.ts';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { proveStorage } from './storage-proof.ts';

/** A store that remembers what was written to it, and may answer a read in its own way. */
class Observed extends FakeObjectStore {
  readonly written: { readonly key: string; readonly bytes: number }[] = [];
  answer: 'whole' | 'other' | 'nothing' = 'whole';

  override putBytes(...args: Parameters<FakeObjectStore['putBytes']>): ReturnType<FakeObjectStore['putBytes']> {
    this.written.push({ key: args[0], bytes: args[1].length });
    return super.putBytes(...args);
  }

  override async get(key: string): ReturnType<FakeObjectStore['get']> {
    if (this.answer === 'nothing') return null;
    if (this.answer === 'other') await super.putBytes(key, Buffer.from('other'), { contentType: 'x/y' });
    return super.get(key);
  }
}

test('an object of the size is written under scratch/, read, and deleted; each has a name of its own', async () => {
  const store = new Observed();
  await proveStorage(store);
  await proveStorage(store, 5000);
  expect(store.written.map(({ bytes }) => bytes)).toEqual([64, 5000]);
  for (const { key } of store.written) expect(key).toMatch(/^scratch\/proofs\/[0-9a-f-]{36}$/);
  expect(new Set(store.written.map(({ key }) => key)).size).toBe(2);
  expect(store.keys()).toEqual([]);
});

test.each([
  ['nothing', 'is not there'],
  ['other', 'has 5 other bytes'],
] as const)('a store that reads %s fails the proof, and nothing stays', async (answer, words) => {
  const store = new Observed();
  store.answer = answer;
  await expect(proveStorage(store)).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining(`was written and ${words}`) as unknown,
  });
  expect(store.keys()).toEqual([]);
});

test('a write that is refused is told as it is; a delete that is refused is not told', async () => {
  const store = new Observed();
  store.delete = () => Promise.reject(new PipelineError('STORAGE_DENIED', 'no'));
  await proveStorage(store);
  store.failWrites = true;
  await expect(proveStorage(store)).rejects.toThrow('the store is away');
});
