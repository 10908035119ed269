import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { artifactObjectKey, createArtifactStore } from '../../storage/artifact-store.ts';
import type { BlockedArtifact } from '../../storage/artifact-store.ts';
import { digestOf, digestOfFile } from '../../storage/file-hash.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { startPrivateSeaweed } from '../harness/private-seaweed.ts';
import type { BucketRole, PrivateSeaweed } from '../harness/private-seaweed.ts';

/** What the policies in `infra/s3/` allow and refuse, on a server that enforces them. */

jest.setTimeout(120_000);

let server: PrivateSeaweed;
let operator: ObjectStore;
const as: Partial<Record<BucketRole, ObjectStore>> = {};

const places = {
  artifact: 'artifacts/base/a.safetensors',
  upload: `artifacts/upload/${'a'.repeat(64)}.safetensors`,
  film: 'films/a/a.mp4',
  campaign: 'campaigns/a/campaign.json',
  manifest: 'packages/a/model.json',
  weights: 'packages/a/weights.onnx',
  checkpoint: 'scratch/checkpoints/a/000004.safetensors',
  other: 'elsewhere',
} as const;
type Place = keyof typeof places;
const typed = { contentType: 'x/y' };

beforeAll(async () => {
  server = await startPrivateSeaweed();
  operator = connectObjectStore(server.config);
  await operator.ensureBucket();
  for (const role of ['client', 'worker'] as const) as[role] = connectObjectStore(server.as(role));
});
afterAll(async () => {
  for (const store of [operator, as.client, as.worker]) store?.close();
  await server.stop();
});

/** What an action came to: `yes`, or `no` for a refusal. */
async function allowed(action: () => Promise<unknown>): Promise<'yes' | 'no'> {
  try {
    await action();
    return 'yes';
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'STORAGE_DENIED') return 'no';
    throw error;
  }
}

async function rightsOf(store: ObjectStore, place: Place): Promise<string> {
  const key = places[place];
  await operator.putBytes(key, Buffer.from('it'), typed);
  const read = await allowed(async () => (await store.get(key))?.body.destroy());
  const look = await allowed(() => store.head(key.replace('/a', '/missing')));
  const overwrite = await allowed(() => store.putBytes(key, Buffer.from('other'), typed));
  const write = await allowed(() =>
    store.putBytes(key.replace('/a', '/b'), Buffer.from('new'), { ...typed, ifAbsent: true }),
  );
  const remove = await allowed(() => store.delete(key));
  if (read !== look || write !== overwrite) throw new Error(`${place}: ${[read, look, overwrite, write].join()}`);
  return [read === 'yes' ? 'read' : '', write === 'yes' ? 'write' : '', remove === 'yes' ? 'delete' : '']
    .filter((right) => right !== '')
    .join(' ');
}

async function allRights(role: BucketRole): Promise<Record<string, string>> {
  const rights: Record<string, string> = {};
  for (const place of Object.keys(places) as Place[]) rights[place] = await rightsOf(as[role]!, place);
  return rights;
}

describe('a client', () => {
  test('reads what workers made, and writes pictures alone', async () => {
    expect(await allRights('client')).toEqual({
      artifact: 'read',
      upload: 'read write',
      film: 'read',
      campaign: 'read',
      manifest: 'read',
      weights: '',
      checkpoint: '',
      other: '',
    });
  });

  test('gets out of the folder of pictures by no spelling', async () => {
    for (const key of ['artifacts/upload/../base/b', 'artifacts/upload/%2e%2e/base/b', 'artifacts/upload//../base/b']) {
      await allowed(() => as.client!.putBytes(key, Buffer.from('evil'), typed));
    }
    const inside = (await operator.list('')).filter(({ key }) => key.endsWith('/b'));
    expect(inside.every(({ key }) => key.startsWith('artifacts/upload/'))).toBe(true);
  });

  test('makes no folder of the name of a picture', async () => {
    const name = `artifacts/upload/${'c'.repeat(64)}.safetensors`;
    for (const key of [`${name}/x`, `${name}/`, `${name}x`, name.slice(0, -1), 'artifacts/upload/x']) {
      expect([key, await allowed(() => as.client!.putBytes(key, Buffer.from('evil'), typed))]).toEqual([key, 'no']);
    }
    expect(await operator.list(name)).toEqual([]);
  });

  test('uploads a picture whose name another had made a folder of', async () => {
    const file = join(server.dir, 'picture');
    await writeFile(file, 'pixels');
    const { sha256 } = await digestOfFile(file);
    const picture = { stage: 'upload', key: sha256 } as const;
    await operator.putBytes(`artifacts/upload/${sha256}.safetensors/x`, Buffer.from('evil'), typed);
    const blocked: BlockedArtifact[] = [];
    await createArtifactStore(as.client!, (each) => blocked.push(each)).publish(picture, file);
    expect(blocked).toMatchObject([{ stage: 'upload', below: 'denied' }]);
    const read = await createArtifactStore(as.worker!).fetch(picture, join(server.dir, 'read'));
    expect(read.sha256).toBe(sha256);
  });

  test('finds the bucket in order, lists campaigns, and signs links to films', async () => {
    await as.client!.ensureBucket();
    await operator.putBytes(places.film, Buffer.from('the film'), typed);
    await as.client!.list('campaigns/');
    expect(await (await fetch(await as.client!.presign(places.film, 60))).text()).toBe('the film');
  });
});

describe('a worker', () => {
  test.each([
    ['is', ['x', 'deep/er/x', 'y/z/']],
    ['was', []],
  ])('writes an artifact whose name %s a folder, and says so', async (how, below) => {
    const task = { stage: 'interp', key: digestOf(Buffer.from(how)).sha256 } as const;
    const name = artifactObjectKey(task.stage, task.key);
    for (const each of below) await operator.putBytes(`${name}/${each}`, Buffer.from('evil'), typed);
    if (below.length === 0) {
      await operator.putBytes(`${name}/x`, Buffer.from('evil'), typed);
      await operator.delete(`${name}/x`);
    }
    const file = join(server.dir, 'frames');
    await writeFile(file, 'frames');
    const blocked: BlockedArtifact[] = [];
    const artifacts = createArtifactStore(as.worker!, (each) => blocked.push(each));
    const made = await artifacts.publish(task, file);
    expect(blocked).toEqual([{ stage: 'interp', object: name, below: below.length }]);
    expect(await artifacts.find(task)).toEqual(made);
    expect((await operator.list(name)).map(({ key }) => key)).toEqual([name]);
  });

  test('makes and remakes everything but model packages', async () => {
    expect(await allRights('worker')).toEqual({
      artifact: 'read write delete',
      upload: 'read write delete',
      film: 'read write delete',
      campaign: 'read write delete',
      manifest: 'read',
      weights: 'read',
      checkpoint: 'read write delete',
      other: '',
    });
  });

  test('writes in parts, publishes a film and lists its checkpoints', async () => {
    const file = join(server.dir, 'film.mp4');
    await writeFile(file, randomBytes(20_000_000));
    await as.worker!.putFile('artifacts/film/a.mp4', file, { contentType: 'video/mp4', ifAbsent: true });
    await as.worker!.putFile('films/b/b.mp4', file, { contentType: 'video/mp4', fileName: 'b.mp4' });
    await as.worker!.list('scratch/checkpoints/');
  });
});
