import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { digestOf } from './file-hash.ts';
import { downloadVerified } from './verified-download.ts';

const whole = 'all of the bytes';
const { sha256 } = digestOf(Buffer.from(whole));

/** A store whose bodies are given by the test, one for each read; the last one stays. */
class Bodies extends FakeObjectStore {
  reads = 0;
  bodies: readonly (string | Error)[] = [whole];

  override async get(key: string): ReturnType<FakeObjectStore['get']> {
    const found = await super.get(key);
    if (found === null) return null;
    const body = this.bodies[Math.min(this.reads, this.bodies.length - 1)] ?? whole;
    this.reads += 1;
    return { ...found, body: body instanceof Error ? brokenBody(body) : Readable.from([Buffer.from(body)]) };
  }
}

const brokenBody = (error: Error): Readable =>
  Readable.from(
    (function* () {
      yield Buffer.from('all of');
      throw error;
    })(),
  );
const cut = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

let dir: string;
let file: string;
let store: Bodies;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-download-'));
  file = join(dir, 'new', 'got');
  store = new Bodies();
  await store.putBytes('a', Buffer.from(whole), { contentType: 'x/y' });
});
afterEach(() => rm(dir, { recursive: true }));

const left = (): Promise<string[]> => readdir(join(dir, 'new'));

test('a whole object becomes a file of its owner alone, with its digest', async () => {
  const heard: number[][] = [];
  const got = await downloadVerified(store, 'a', file, { onBytes: (done, of) => heard.push([done, of]) });
  expect(got).toEqual({ state: 'ok', content: { sha256, bytes: whole.length, etag: (await store.head('a'))!.etag } });
  expect(await readFile(file, 'utf8')).toBe(whole);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(heard.at(-1)).toEqual([whole.length, whole.length]);
  await downloadVerified(store, 'a', join(dir, 'open'), { mode: 0o640 });
  expect((await stat(join(dir, 'open'))).mode & 0o777).toBe(0o640);
});

test('what is not there is missing, and leaves no file', async () => {
  expect(await downloadVerified(store, 'b', file)).toEqual({ state: 'missing' });
  expect(await left()).toEqual([]);
});

test('a transfer that breaks or ends early is tried again, three times in all', async () => {
  store.bodies = [cut, 'all of', whole];
  expect(await downloadVerified(store, 'a', file)).toMatchObject({ state: 'ok' });
  expect(store.reads).toBe(3);
  store.bodies = [cut];
  await expect(downloadVerified(store, 'a', file)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(store.reads).toBe(6);
  store.bodies = ['all of'];
  await expect(downloadVerified(store, 'a', file)).rejects.toThrow(`ended after 6 of ${String(whole.length)} bytes`);
  expect(await left()).toEqual(['got']);
});

test('the same wrong bytes twice are the object’s own; other bytes at each try are the way’s', async () => {
  const [one, two, three] = ['ALL of the bytes', 'all OF the bytes', 'all of THE bytes'] as const;
  store.bodies = [one];
  expect(await downloadVerified(store, 'a', file)).toMatchObject({
    state: 'corrupt',
    reason: `its sha256 is ${digestOf(Buffer.from(one)).sha256}, not ${sha256}`,
  });
  expect(store.reads).toBe(2);
  store.reads = 0;
  store.bodies = [one, two, two];
  expect(await downloadVerified(store, 'a', file)).toMatchObject({ state: 'corrupt' });
  store.reads = 0;
  store.bodies = [one, whole];
  expect(await downloadVerified(store, 'a', file)).toMatchObject({ state: 'ok' });
  store.reads = 0;
  store.bodies = [one, two, three];
  await expect(downloadVerified(store, 'a', file)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(await left()).toEqual(['got']);
});

test('a digest that is asked for goes before that of the metadata; without any there is nothing to hold it against', async () => {
  const expectedSha256 = digestOf(Buffer.from('another')).sha256;
  expect(await downloadVerified(store, 'a', file, { expectedSha256 })).toMatchObject({ state: 'corrupt' });
  const { info } = store.objects.get('a')!;
  const bytes = Buffer.from(whole);
  store.objects.set('a', { bytes, writtenMs: 0, info: { ...info, sha256: null } });
  expect(await downloadVerified(store, 'a', file)).toMatchObject({ reason: 'its metadata hold no sha256' });
  store.objects.set('a', { bytes, writtenMs: 0, info: { ...info, sha256: null, isBelieved: false } });
  expect(await downloadVerified(store, 'a', file)).toMatchObject({
    state: 'corrupt',
    reason: 'it carries no seal that this worker believes',
  });
  expect(await downloadVerified(store, 'a', file, { expectedSha256: sha256 })).toMatchObject({ state: 'ok' });
});

test('a cancel ends it at once, and nothing stays', async () => {
  const stop = new AbortController();
  store.bodies = [cut];
  await expect(
    downloadVerified(store, 'a', file, {
      signal: stop.signal,
      onBytes: () => {
        stop.abort();
      },
    }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(store.reads).toBe(1);
  expect(await left()).toEqual([]);
});
