import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { ArtifactKeys } from './artifact-key.ts';
import { sealedObjects } from './artifact-seal.ts';
import type { RefusedObject } from './artifact-seal.ts';
import { artifactObjectKey, createArtifactStore } from './artifact-store.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { createCampaignStore } from './campaign-store.ts';
import { checkpointObjectKey, createCheckpointStore } from './checkpoint-store.ts';
import { digestOf } from './file-hash.ts';
import { createFilmStore, filmObjectKey } from './film-store.ts';
import type { ObjectStore } from './object-store.ts';

const key = 'ab'.repeat(32);
const task = { stage: 'base', key } as const;
const place = artifactObjectKey('base', key);
const [old, fresh] = ['o'.repeat(32), 'n'.repeat(32)];
const secret = new ArtifactKeys([old]);

let dir: string;
/** As a client sees it, and whoever else can write. */
let bucket: FakeObjectStore;
/** As a worker with the key sees it. */
let sealed: ObjectStore;
let artifacts: ArtifactStore;
const fileOf = async (content: string): Promise<string> => {
  const file = join(dir, digestOf(Buffer.from(content)).sha256);
  await writeFile(file, content);
  return file;
};
const out = (): string => join(dir, 'got');
const forge = (content: string, options: { readonly seal?: string; readonly sha256?: string } = {}): Promise<unknown> =>
  bucket.putBytes(place, Buffer.from(content), { contentType: 'x/y', ...options });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-seal-'));
  bucket = new FakeObjectStore();
  sealed = sealedObjects(bucket, secret);
  artifacts = createArtifactStore(sealed);
});
afterEach(() => rm(dir, { recursive: true }));

describe('what a worker has sealed', () => {
  test('is found and read by workers with the key, and by clients without it', async () => {
    const ref = await artifacts.publish(task, await fileOf('latents'));
    for (const store of [artifacts, createArtifactStore(bucket)]) {
      expect(await store.find(task)).toEqual(ref);
      expect(await store.fetch(task, out())).toMatchObject(ref);
    }
  });

  test('is believed while the key is changed, and not after the old one is gone', async () => {
    await artifacts.publish(task, await fileOf('latents'));
    const during = createArtifactStore(sealedObjects(bucket, new ArtifactKeys([fresh, old])));
    const after = createArtifactStore(sealedObjects(bucket, new ArtifactKeys([fresh])));
    expect(await during.find(task)).not.toBeNull();
    expect(await after.find(task)).toBeNull();
  });
});

describe('what another has written', () => {
  const sealOf = async (): Promise<string> => (await bucket.head(place))!.seal!;

  test.each([
    ['without a seal', () => forge('forged')],
    [
      'with a seal of another key',
      () =>
        sealedObjects(bucket, new ArtifactKeys([fresh])).putBytes(place, Buffer.from('forged'), { contentType: 'x/y' }),
    ],
    [
      'with the seal of what lay there',
      async () => {
        await artifacts.publish(task, await fileOf('latents'));
        await forge('forged', { seal: await sealOf() });
      },
    ],
    [
      'with the seal of another place (Z1)',
      async () => {
        const other = { stage: 'base', key: 'cd'.repeat(32) } as const;
        await artifacts.publish(other, await fileOf('forged'));
        await forge('forged', { seal: (await bucket.head(artifactObjectKey('base', other.key)))!.seal! });
      },
    ],
  ])('%s is not there for a look, is refused by a reader, and is made again (Z2)', async (_, write) => {
    await write();
    expect((await bucket.head(place))?.sha256).toBe(digestOf(Buffer.from('forged')).sha256);
    expect(await artifacts.find(task)).toBeNull();
    await expect(artifacts.fetch(task, out())).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringContaining('it carries no seal that this worker believes') as unknown,
    });
    expect(await bucket.head(place)).toBeNull();
    await write();
    await artifacts.publish(task, await fileOf('honest'));
    expect(bucket.text(place)).toBe('honest');
  });

  test('is told once for each content, but for the pictures that clients write (Z3)', async () => {
    const told: RefusedObject[] = [];
    const store = sealedObjects(bucket, secret, (refused) => told.push(refused));
    const upload = artifactObjectKey('upload', key);
    await bucket.putBytes(upload, Buffer.from('picture'), { contentType: 'x/y' });
    await store.putBytes('films/a', Buffer.from('film'), { contentType: 'x/y' });
    await forge('forged');
    for (const each of [place, upload, 'films/a', place]) {
      await store.head(each);
      (await store.get(each))?.body.destroy();
    }
    expect(told).toEqual([{ object: place, bytes: 6, seal: 'none' }]);
    await forge('forged again', { seal: (await bucket.head('films/a'))!.seal! });
    await store.head(place);
    expect(told.slice(1)).toEqual([{ object: place, bytes: 12, seal: 'wrong' }]);
  });

  test('under the seal and the sha256 of what lay there is found out when it is read', async () => {
    const { sha256 } = await artifacts.publish(task, await fileOf('latents'));
    await forge('forgery', { sha256, seal: await sealOf() });
    await expect(artifacts.fetch(task, out())).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    expect(await bucket.head(place)).toBeNull();
  });

  test('is no checkpoint to go on from', async () => {
    const checkpoints = createCheckpointStore(sealed);
    await checkpoints.save(key, 4, await fileOf('step 4'));
    await bucket.putBytes(checkpointObjectKey(key, 8), Buffer.from('forged'), { contentType: 'x/y' });
    expect(await checkpoints.latest(key, dir)).toMatchObject({ step: 4 });
  });

  test('is no record of a campaign', async () => {
    const campaigns = createCampaignStore(sealed);
    await campaigns.savePrompt('campaign-a', 0, { index: 0 });
    expect(await campaigns.loadPrompts('campaign-a', 1)).toHaveLength(1);
    const open = createCampaignStore(bucket);
    await open.savePrompt('campaign-a', 0, { index: 'forged' });
    expect(await campaigns.loadPrompt('campaign-a', 0)).toBeNull();
    await expect(campaigns.loadPrompts('campaign-a', 1)).rejects.toThrow('carries no seal that this worker believes');
    expect(await open.loadPrompts('campaign-a', 1)).toHaveLength(1);
  });

  test('takes no film’s place, nor that of the poster that is kept', async () => {
    const films = createFilmStore(sealed);
    const name = { title: 'Film', slug: 'film', scriptHash: 'a'.repeat(12), filmKey: key };
    const target = await films.publishFilm(name, await fileOf('the film'));
    expect(await sealed.head(target)).toMatchObject({ isBelieved: true });
    await bucket.putBytes(target, Buffer.from('forged'), { contentType: 'video/mp4' });
    expect(await sealed.head(target)).toMatchObject({ isBelieved: false });

    const extra = { fileName: 'poster.jpg', contentType: 'image/jpeg', recipe: 'r' };
    const poster = filmObjectKey(name, 'poster.jpg');
    await bucket.putBytes(poster, Buffer.from('forged'), extra);
    await films.ensureExtra(name, { ...extra, make: () => Promise.resolve(Buffer.from('honest')) });
    expect(bucket.text(poster)).toBe('honest');
    await films.ensureExtra(name, { ...extra, make: () => Promise.reject(new Error('it is there')) });
  });
});
