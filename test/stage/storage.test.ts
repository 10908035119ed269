import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { artifactObjectKey, createArtifactStore } from '../../storage/artifact-store.ts';
import { checkpointObjectKey, createCheckpointStore } from '../../storage/checkpoint-store.ts';
import type { StorageConfig } from '../../storage/config.ts';
import { createFilmStore } from '../../storage/film-store.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createPackageStore, packageObjectKey } from '../../storage/package-store.ts';
import { startPrivateSeaweed } from '../harness/private-seaweed.ts';
import type { PrivateSeaweed } from '../harness/private-seaweed.ts';

jest.setTimeout(120_000);

let server: PrivateSeaweed;
let objects: ObjectStore;
let numFiles = 0;

beforeAll(async () => {
  server = await startPrivateSeaweed();
  objects = connectObjectStore(server.config);
  await objects.ensureBucket();
});

afterAll(async () => {
  objects.close();
  await server.stop();
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const newKey = (): string => randomBytes(32).toString('hex');
const newPath = (): string => join(server.dir, `file-${String(numFiles++)}`);
async function newFile(content: Uint8Array | string): Promise<string> {
  const file = newPath();
  await writeFile(file, content);
  return file;
}
/** Overwrites an object and keeps the sha256 that its metadata promised: what a bad disk or a careless hand does. */
const damage = async (key: string, content: string): Promise<unknown> =>
  objects.putBytes(key, Buffer.from(content), { contentType: 'x/y', sha256: (await objects.head(key))?.sha256 ?? '' });
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};

test('an artifact comes back byte for byte with the digest that was published', async () => {
  const artifacts = createArtifactStore(objects);
  const task = { stage: 'base', key: newKey() } as const;
  expect(await artifacts.find(task)).toBeNull();
  const content = randomBytes(300_000);
  const ref = await artifacts.publish(task, await newFile(content));
  expect(ref).toEqual({ key: task.key, sha256: sha256(content), bytes: content.length });
  expect(await artifacts.find(task)).toEqual(ref);
  const file = newPath();
  expect(await artifacts.fetch({ stage: 'base', key: task.key }, file)).toMatchObject(ref);
  expect(sha256(await readFile(file))).toBe(ref.sha256);
});

test.each([
  ['one request', 1_000],
  ['several parts', 20_000_000],
])('of writers that race with %s one wins and all get its reference (A1)', async (_how, bytes) => {
  const artifacts = createArtifactStore(objects);
  const task = { stage: 'film', key: newKey() } as const;
  const contents = [randomBytes(bytes), randomBytes(bytes)];
  const files = await Promise.all(contents.map(newFile));
  const refs = await Promise.all(files.map((file) => artifacts.publish(task, file)));
  expect(refs[0]).toEqual(refs[1]);
  expect(contents.map(sha256)).toContain(refs[0]!.sha256);
  const file = newPath();
  expect(await artifacts.fetch({ stage: 'film', key: task.key }, file)).toMatchObject(refs[0]!);
});

test('a corrupt artifact is refused and deleted, and can then be made again (A2, A3)', async () => {
  const artifacts = createArtifactStore(objects);
  const task = { stage: 'interp', key: newKey() } as const;
  const good = await newFile('the true frames');
  await artifacts.publish(task, good);
  const objectKey = artifactObjectKey('interp', task.key);
  await damage(objectKey, 'the lost frames');
  const file = newPath();
  await expect(artifacts.fetch({ stage: 'interp', key: task.key }, file)).rejects.toMatchObject({
    code: 'ARTIFACT_CORRUPT',
    details: { key: task.key },
  });
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await objects.head(objectKey)).toBeNull();
  await artifacts.publish(task, good);
  await expect(artifacts.fetch({ stage: 'interp', key: task.key }, file)).resolves.toMatchObject({ key: task.key });
});

test('a delete of the corrupt content spares what has taken its place (A3)', async () => {
  await objects.putBytes('guarded', Buffer.from('repaired'), { contentType: 'x/y' });
  await objects.delete('guarded', '"00000000000000000000000000000000"');
  expect(await objects.head('guarded')).not.toBeNull();
});

test('an artifact whose object vanishes after each put is given up, not written for ever', async () => {
  let numPuts = 0;
  const vanishing: ObjectStore = {
    ...objects,
    putFile: () => Promise.resolve((numPuts += 1) > 20 ? 'written' : 'exists'),
  };
  const task = { stage: 'base', key: newKey() } as const;
  await expect(createArtifactStore(vanishing).publish(task, await newFile('frames'))).rejects.toMatchObject({
    code: 'ARTIFACT_MISSING',
    message: expect.stringContaining('vanishes each time it is written'),
    details: { key: task.key },
  });
  expect(numPuts).toBe(3);
});

test('an artifact that is not there is told with its key', async () => {
  const key = newKey();
  await expect(createArtifactStore(objects).fetch({ stage: 'segment', key }, newPath())).rejects.toMatchObject({
    code: 'ARTIFACT_MISSING',
    details: { key },
  });
});

test('checkpoints: the furthest whole one is resumed, a corrupt one is passed over and deleted, clear forgets all', async () => {
  const checkpoints = createCheckpointStore(objects);
  const key = newKey();
  const dir = join(server.dir, key);
  expect(await checkpoints.latest(key, dir)).toBeNull();
  for (const step of [4, 8, 12]) await checkpoints.save(key, step, await newFile(`step ${String(step)}`));
  expect(await checkpoints.latest(key, dir)).toMatchObject({ step: 12 });
  expect((await objects.list(`scratch/checkpoints/${key}/`)).length).toBe(2);
  await damage(checkpointObjectKey(key, 12), 'step xx');
  const resumed = await checkpoints.latest(key, dir);
  expect(resumed?.step).toBe(8);
  expect(await readFile(resumed!.file, 'utf8')).toBe('step 8');
  expect(await objects.head(checkpointObjectKey(key, 12))).toBeNull();
  await checkpoints.clear(key);
  expect(await checkpoints.latest(key, dir)).toBeNull();
});

test('a film gets its pretty name and plays from a presigned URL, range requests included', async () => {
  const filmKey = newKey();
  const content = randomBytes(1_000_000);
  const films = createFilmStore(objects);
  const name = { title: '灯台 (the lighthouse)', slug: 'the-lighthouse', scriptHash: 'a'.repeat(12), filmKey };
  const key = await films.publishFilm(name, await newFile(content));
  expect(key).toMatch(/^films\/the-lighthouse-[0-9a-f]{12}\/the-lighthouse\.mp4$/);
  const url = await films.url(key, 600);
  const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-type')).toBe('video/mp4');
  expect(answer.headers.get('content-disposition')).toBe(
    `inline; filename="____the_lighthouse_.mp4"; filename*=UTF-8''${encodeURIComponent('灯台 ')}%28the%20lighthouse%29.mp4`,
  );
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(content.subarray(10, 20));
  const poster = await films.publishExtra(name, {
    fileName: 'poster.jpg',
    contentType: 'image/jpeg',
    content: Buffer.from('jpeg'),
  });
  expect(await (await fetch(await films.url(poster, 60))).text()).toBe('jpeg');
  expect((await fetch(url.replace(/Signature=\w{4}/, 'Signature=0000'))).status).toBe(403);
});

test('a picture is made once for a recipe, and again when it is lost, altered or of another recipe', async () => {
  const films = createFilmStore(objects);
  const name = { title: 'Pictures', slug: 'pictures', scriptHash: 'a'.repeat(12), filmKey: newKey() };
  let numMade = 0;
  const ensure = (recipe: string): Promise<string> =>
    films.ensureExtra(name, {
      fileName: 'poster.jpg',
      contentType: 'image/jpeg',
      recipe,
      make: () => Promise.resolve(Buffer.from(`${recipe} ${String((numMade += 1))}`)),
    });
  const shown = async (): Promise<string> => (await fetch(await films.url(key, 60))).text();
  const key = await ensure('dawn');
  await ensure('dawn');
  expect(await shown()).toBe('dawn 1');
  await objects.delete(key);
  await ensure('dawn');
  expect(await shown()).toBe('dawn 2');
  const { sha256 } = (await objects.head(key))!;
  await objects.putBytes(key, Buffer.from('flipped'), { contentType: 'image/jpeg', sha256: sha256!, recipe: 'dawn' });
  await ensure('dawn');
  expect(await shown()).toBe('dawn 3');
  await ensure('storm');
  expect(await shown()).toBe('storm 4');
});

async function newPackage(weights: string): Promise<string> {
  const dir = newPath();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'upscaler.onnx'), weights);
  const port = (name: string, type: string, shape: (string | number)[]) => ({ name, type, shape });
  const manifest = {
    format: 1,
    name: 'test-upscale',
    version: '1',
    role: 'upscale',
    licence: 'Apache-2.0',
    source: 'this test',
    files: [{ path: 'upscaler.onnx', bytes: Buffer.byteLength(weights), sha256: sha256(Buffer.from(weights)) }],
    graphs: {
      upscaler: {
        file: 'upscaler.onnx',
        inputs: [port('frames', 'float32', ['N', 3, 'h', 'w']), port('size', 'int64', [2])],
        outputs: ['y', 'u', 'v'].map((name) => port(name, 'uint8', ['N', 'H', 'W'])),
      },
    },
  };
  await writeFile(join(dir, 'model.json'), JSON.stringify(manifest));
  return dir;
}

test('an upload of a package that is cut off leaves none in the bucket, and the next one completes it (P1)', async () => {
  const dir = await newPackage(`weights ${newKey()}`);
  let cut = true;
  const cutting: ObjectStore = {
    ...objects,
    putFile: (key, file, options) => {
      if (cut && key.endsWith('.onnx')) return Promise.reject(new Error('cut off'));
      return objects.putFile(key, file, options);
    },
  };
  const store = createPackageStore(cutting, join(server.dir, 'cache-p'));
  await expect(store.pushPackage(dir)).rejects.toThrow('cut off');
  cut = false;
  const ref = await store.pushPackage(dir);
  expect(await readdir(await store.ensurePackage(ref))).toEqual(['model.json', 'upscaler.onnx']);
});

test('a package that two workers fetch at once arrives whole for both, and only once in the cache (P2)', async () => {
  const ref = await createPackageStore(objects, join(server.dir, 'cache-a')).pushPackage(
    await newPackage(`weights ${newKey()}`),
  );
  const cacheDir = join(server.dir, 'cache-b');
  const workers = [createPackageStore(objects, cacheDir), createPackageStore(objects, cacheDir)];
  const dirs = await Promise.all(workers.map((worker) => worker.ensurePackage(ref)));
  expect(dirs[0]).toBe(dirs[1]);
  expect(await readdir(join(cacheDir, 'packages'))).toEqual([ref.digest]);
  expect((await readdir(dirs[0]!)).sort()).toEqual(['model.json', 'upscaler.onnx']);
});

test('a package altered in the cache is replaced, one altered in the bucket or at its source is refused (P3)', async () => {
  const source = await newPackage(`weights ${newKey()}`);
  const cacheDir = join(server.dir, 'cache-c');
  const ref = await createPackageStore(objects, cacheDir).pushPackage(source);
  const dir = await createPackageStore(objects, cacheDir).ensurePackage(ref);
  const weights = await readFile(join(dir, 'upscaler.onnx'), 'utf8');
  await writeFile(join(dir, 'upscaler.onnx'), weights.replace('w', 'W'));
  await createPackageStore(objects, cacheDir).ensurePackage(ref);
  expect(await readFile(join(dir, 'upscaler.onnx'), 'utf8')).toBe(weights);

  await damage(packageObjectKey(ref.digest, 'upscaler.onnx'), weights.replace('w', 'W'));
  await expect(createPackageStore(objects, join(server.dir, 'cache-d')).ensurePackage(ref)).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
    details: { file: 'upscaler.onnx' },
  });
  const altered = await newPackage(`weights ${newKey()}`);
  await writeFile(join(altered, 'upscaler.onnx'), 'x'.repeat(`weights ${newKey()}`.length));
  await expect(createPackageStore(objects, cacheDir).pushPackage(altered)).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
  });
  await expect(createPackageStore(objects, cacheDir).ensurePackage({ ...ref, digest: newKey() })).rejects.toMatchObject(
    {
      code: 'MODEL_UNKNOWN',
    },
  );
});

test('a package that was removed from the cache while a worker runs is fetched again, and old halves of others go', async () => {
  const cacheDir = join(server.dir, 'cache-e');
  const store = createPackageStore(objects, cacheDir);
  const ref = await store.pushPackage(await newPackage(`weights ${newKey()}`));
  const dir = await store.ensurePackage(ref);
  const [old, fresh] = ['.0123456789ab-old', '.0123456789ab-fresh'].map((name) => join(cacheDir, 'packages', name));
  for (const half of [old!, fresh!]) await mkdir(half);
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  await utimes(old!, twoDaysAgo, twoDaysAgo);
  await rm(dir, { recursive: true });
  expect(await Promise.all([store.ensurePackage(ref), store.ensurePackage(ref)])).toEqual([dir, dir]);
  expect((await readdir(dir)).sort()).toEqual(['model.json', 'upscaler.onnx']);
  expect((await readdir(join(cacheDir, 'packages'))).sort()).toEqual(['.0123456789ab-fresh', ref.digest].sort());
});

test('the bucket is made once, with a rule for scratch, and again is fine', async () => {
  const other = connectObjectStore({ ...server.config, bucket: 'another' });
  await Promise.all([other.ensureBucket(), other.ensureBucket()]);
  await other.ensureBucket();
  expect(await other.list('')).toEqual([]);
  other.close();
});

test.each<[string, (config: StorageConfig) => StorageConfig, string, RegExp]>([
  [
    'a missing bucket',
    (config) => ({ ...config, bucket: 'not-made' }),
    'STORAGE_DENIED',
    /bucket 'not-made' at http.*Create the bucket/,
  ],
  [
    'a wrong secret',
    (config) => ({ ...config, credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'wrong-secret' } }),
    'STORAGE_DENIED',
    /HTTP 403.*SHOTLINE_S3_ACCESS_KEY_ID/,
  ],
])('%s is told within seconds, without a secret', async (_what, change, code, message) => {
  const config = change(server.config);
  const broken = connectObjectStore(config);
  let thrown: unknown;
  const took = await seconds(async () => {
    thrown = await broken
      .putBytes('a', Buffer.from('x'), { contentType: 'x/y', ifAbsent: true })
      .catch((error: unknown) => error);
  });
  expect((thrown as Error).message).toMatch(message);
  expect(thrown).toMatchObject({ code });
  expect(inspect(thrown, { depth: 10 })).not.toContain(config.credentials?.secretAccessKey);
  expect(took).toBeLessThan(10);
  broken.close();
});

test('a server that is down is told within seconds', async () => {
  // In a process of its own: in Jest's VM context the SDK does not know Node's network errors for errors and wraps them.
  const code = `
    import { connectObjectStore } from './storage/object-store.ts';
    const config = ${JSON.stringify({ ...server.config, endpoint: 'http://127.0.0.1:1' })};
    await connectObjectStore(config).head('a').catch((error) => process.stdout.write(JSON.stringify({ code: error.code, message: error.message })));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', code],
    {
      cwd: join(import.meta.dirname, '../..'),
      timeout: 30_000,
    },
  );
  expect(JSON.parse(stdout)).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringMatching(/bucket 'shotline' at http:\/\/127\.0\.0\.1:1\).*ECONNREFUSED/),
  });
});

test('a download that is cut off is tried again, and is STORAGE_UNAVAILABLE when it never ends well', async () => {
  let numRequests = 0;
  let numCuts = 2;
  const content = randomBytes(100_000);
  const cutting = createServer((_request, response) => {
    numRequests++;
    response.writeHead(200, { 'content-length': content.length, 'x-amz-meta-sha256': sha256(content), etag: '"e"' });
    if (numCuts-- > 0) response.write(content.subarray(0, 50_000), () => response.destroy());
    else response.end(content);
  });
  await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
  const store = connectObjectStore({
    ...server.config,
    endpoint: `http://127.0.0.1:${String((cutting.address() as AddressInfo).port)}`,
  });
  const artifacts = createArtifactStore(store);
  try {
    const file = newPath();
    await expect(artifacts.fetch({ stage: 'base', key: newKey() }, file)).resolves.toMatchObject({
      sha256: sha256(content),
    });
    expect(numRequests).toBe(3);
    numCuts = Infinity;
    const folder = await readdir(server.dir);
    await expect(artifacts.fetch({ stage: 'base', key: newKey() }, newPath())).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(await readdir(server.dir)).toEqual(folder);
  } finally {
    store.close();
    cutting.closeAllConnections();
    cutting.close();
  }
});

test('an abort ends an upload at once and leaves nothing behind', async () => {
  const stop = new AbortController();
  const file = await newFile(randomBytes(20_000_000));
  const upload = objects.putFile('aborted', file, { contentType: 'x/y', signal: stop.signal });
  stop.abort();
  await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
  expect(await objects.head('aborted')).toBeNull();
});
