import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ensureStack } from '../../infra/local/stack.ts';
import { ArtifactKeys } from '../../storage/artifact-key.ts';
import { sealedObjects } from '../../storage/artifact-seal.ts';
import type { StorageConfig } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { pngFile } from '../fakes/png.ts';
import { startPrivateSeaweed } from '../harness/private-seaweed.ts';
import type { PrivateSeaweed } from '../harness/private-seaweed.ts';
import { PrivateStack, finished } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';

/**
 * A deployment that trusts its workers and not its clients: the keys of both have the rights that `infra/s3/` gives them, and
 * workers seal what they make.
 */

jest.setTimeout(600_000);

const key = randomBytes(32).toString('hex');
let seaweed: PrivateSeaweed;
/** With all rights: whoever runs the deployment, and whoever else got hold of such a key. */
let bucket: ObjectStore;
let servers: PrivateStack;
let temporalAddress: string;
let client: PrivateStack;
let workersEnd: Promise<CommandRun>;
let stopWorkers = (): void => undefined;

const storageEnv = ({ endpoint, credentials }: StorageConfig): Record<string, string> => ({
  SHOTLINE_S3_ENDPOINT: endpoint!,
  SHOTLINE_S3_ACCESS_KEY_ID: credentials!.accessKeyId,
  SHOTLINE_S3_SECRET_ACCESS_KEY: credentials!.secretAccessKey,
});

const story = (title: string, thing: string): string => `title: ${title}
output: { width: 128, height: 72 }
defaults: { steps: 2 }
shots:
  - { id: only, prompt: ${thing} on the beach at sunset }
`;

beforeAll(async () => {
  seaweed = await startPrivateSeaweed();
  bucket = connectObjectStore(seaweed.config);
  servers = await PrivateStack.create(storageEnv(seaweed.config));
  ({ temporalAddress } = await ensureStack({ env: servers.env }));
  const operator = await machine('operator', seaweed.config);
  const push = await operator.shotline('models', 'push', 'pocket');
  expect(push.code).toBe(0);
  const workers = (await machine('workers', seaweed.as('worker')))
    .with({ SHOTLINE_ARTIFACT_KEY: key })
    .start('worker', 'all');
  workersEnd = finished(workers);
  stopWorkers = () => workers.kill('SIGTERM');
  client = await machine('client', seaweed.as('client'));
});

afterAll(async () => {
  stopWorkers();
  await workersEnd;
  bucket.close();
  await servers.destroy();
  await seaweed.stop();
});

/** A machine with a cache of its own, which knows the servers by its environment alone. */
async function machine(name: string, storage: StorageConfig): Promise<PrivateStack> {
  const cache = join(servers.dir, name);
  await mkdir(cache);
  for (const shared of ['bin', 'workflow-bundles']) await symlink(join(servers.dir, shared), join(cache, shared));
  return servers.with({ ...storageEnv(storage), SHOTLINE_CACHE: cache, SHOTLINE_TEMPORAL_ADDRESS: temporalAddress });
}

const keysUnder = async (prefix: string): Promise<string[]> => (await bucket.list(prefix)).map((each) => each.key);

async function contentOf(objectKey: string): Promise<Buffer> {
  return buffer((await bucket.get(objectKey))!.body);
}

describe('with the rights of a client', () => {
  test('a story with a picture becomes a film, and all that workers wrote is sealed', async () => {
    await writeFile(
      join(servers.dir, 'a.png'),
      pngFile({ width: 8, height: 8, channels: 3 }, new Uint8Array(192).fill(90)),
    );
    const file = await client.writeStory(
      'picture.yaml',
      `${story('Picture', 'a red ball')}    animate: a.png\n`.replace(' }\n    animate: a.png', ', animate: a.png }'),
    );
    const { workflowId } = await client.render(file);
    const written = await keysUnder('');
    expect(written.filter((each) => each.startsWith('films/'))).toHaveLength(4);
    const sealed = sealedObjects(bucket, new ArtifactKeys([key]));
    const unsealed: string[] = [];
    for (const each of written) if ((await sealed.head(each))?.isBelieved === false) unsealed.push(each);
    expect(unsealed.filter((each) => !/^(packages|artifacts\/upload)\//.test(each))).toEqual([]);

    for (const command of [
      ['validate', file],
      ['plan', file],
      ['status'],
      ['status', workflowId],
      ['watch', workflowId],
      ['url', workflowId],
      ['models', 'push', 'pocket'],
    ]) {
      expect({ command, code: (await client.shotline(...command)).code }).toEqual({ command, code: 0 });
    }
    expect((await client.shotline('plan', file)).stdout).not.toContain('unknown');
    const { stdout } = await client.shotline('url', workflowId);
    expect((await fetch(stdout.trim())).status).toBe(200);
  });

  test('a story is saved, paused, resumed, changed and cancelled', async () => {
    const ok = async (...command: string[]): Promise<CommandRun> => {
      const run = await client.shotline(...command);
      expect({ command, code: run.code, stderr: run.code === 0 ? '' : run.stderr }).toEqual({
        command,
        code: 0,
        stderr: '',
      });
      return run;
    };
    const out = (name: string): string => join(servers.dir, name);
    const file = await client.writeStory('change.yaml', story('Change', 'a green boat sails'));
    await ok('render', file, '-o', out('rendered.mp4'), '-q');
    await ok('get', file, '-o', out('film.mp4'));
    for (const kind of ['poster', 'storyboard', 'manifest']) await ok('get', file, `--${kind}`, '-o', out(kind));
    await ok('get', file, '--shots', '-o', out('shots'));
    expect((await readFile(out('film.mp4'))).equals(await readFile(out('rendered.mp4')))).toBe(true);
    expect(await readdir(out('shots'))).toHaveLength(1);
    // Of a story that is over: submitted again.
    await ok('reroll', file, 'only', '--seed', '11', '-q');

    const longer = `${story('Longer', 'a red boat sails')}    seconds: 20\n`.replace(
      ' }\n    seconds: 20',
      ', seconds: 20 }',
    );
    const long = await client.writeStory('longer.yaml', longer);
    const id = (await ok('render', long, '--detach')).stdout.trim();
    await ok('pause', id);
    await ok('resume', id);
    await ok('edit', id, 'only', 'a blue boat sails on the sea', '--detach');
    await ok('reroll', id, 'only', '--seed', '12', '--detach');
    await ok('cancel', id);
    expect((await ok('status', id)).stdout).toContain('cancelled');
  });

  test('a campaign is measured, reported and exported', async () => {
    const suite = join(servers.dir, 'suite.json');
    await writeFile(
      suite,
      JSON.stringify([{ prompt_en: 'a red ball on the beach', dimension: ['subject_consistency'] }]),
    );
    const out = (name: string): string => join(servers.dir, name);
    for (const command of [
      ['eval', 'run', '--suite', suite, '--samples', '1', '--label', 'trial', '--set', 'quality=draft'],
      ['eval', 'report', 'trial', '--out', out('report')],
      ['eval', 'leaderboard'],
      ['eval', 'export', 'trial', '--out', out('export')],
    ]) {
      const { code, stderr } = await client.shotline(...command);
      expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' });
    }
  });

  test('a model package that the bucket lacks is refused with who can upload it', async () => {
    const manifest = (await keysUnder('packages/')).find((each) => each.endsWith('/model.json'))!;
    const content = await contentOf(manifest);
    const info = (await bucket.head(manifest))!;
    await bucket.delete(manifest);
    const { code, stderr } = await client.shotline(
      'render',
      await client.writeStory('none.yaml', story('None', 'a blue boat')),
    );
    await bucket.putBytes(manifest, content, { contentType: 'application/json', sha256: info.sha256! });
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('shotline models push') as unknown,
    });
  });
});

/** Object whose content was forged, twice. */
let forgedObject = '';

test('forged latents under the key of another’s shot are made again, and the film is the honest one', async () => {
  const [mine, theirs] = [
    await client.writeStory('mine.yaml', story('Mine', 'a red boat sails')),
    await client.writeStory('theirs.yaml', story('Theirs', 'a yellow balloon rises')),
  ];
  const before = new Set(await keysUnder('artifacts/'));
  await client.render(theirs);
  const [forged] = (await keysUnder('artifacts/base/')).filter((each) => !before.has(each));
  const known = new Set(await keysUnder('artifacts/'));
  const honest = await client.render(mine);
  const own = (await keysUnder('artifacts/')).filter((each) => !known.has(each));
  const base = own.find((each) => each.startsWith('artifacts/base/'))!;
  forgedObject = base;
  const honestLatents = await contentOf(base);
  const film = Buffer.from(await (await fetch(honest.filmUrl)).arrayBuffer());
  const { sha256, seal } = (await bucket.head(forged!))!;
  const latents = await contentOf(forged!);
  expect(latents.equals(honestLatents)).toBe(false);
  for (const lie of [{}, { seal: seal! }]) {
    for (const each of own) await bucket.delete(each);
    const contentType = 'application/octet-stream';
    await bucket.putBytes(base, latents, { contentType, sha256: sha256!, ...lie });
    // A film of the same story that is over is made anew when its film is gone.
    const again = await client.render(mine);
    expect((await contentOf(base)).equals(honestLatents)).toBe(true);
    expect(Buffer.from(await (await fetch(again.filmUrl)).arrayBuffer()).equals(film)).toBe(true);
  }
});

test('a folder in the place of an artifact is cleared away, and the film is made', async () => {
  const file = await client.writeStory('blocked.yaml', story('Blocked', 'a purple balloon rises'));
  const known = new Set(await keysUnder('artifacts/'));
  const before = await client.render(file);
  const own = (await keysUnder('artifacts/')).filter((each) => !known.has(each));
  const film = Buffer.from(await (await fetch(before.filmUrl)).arrayBuffer());
  for (const each of own) {
    await bucket.delete(each);
    await bucket.putBytes(`${each}/x`, Buffer.from('evil'), { contentType: 'x/y' });
  }
  const after = await client.render(file);
  expect(Buffer.from(await (await fetch(after.filmUrl)).arrayBuffer()).equals(film)).toBe(true);
  expect((await keysUnder('artifacts/')).filter((each) => each.endsWith('/x'))).toEqual([]);
  folders = own;
});

/** Artifacts whose keys were folders. */
let folders: readonly string[] = [];

test('the key is in no history, no log and no object; what was forged or blocked is in the log', async () => {
  const connection = await Connection.connect({ address: temporalAddress });
  const temporal = new Client({ connection });
  for await (const { workflowId } of temporal.workflow.list()) {
    expect(JSON.stringify(await temporal.workflow.getHandle(workflowId).fetchHistory())).not.toContain(key);
  }
  await connection.close();
  stopWorkers();
  const { stdout, stderr } = await workersEnd;
  expect(stdout).toContain('the worker takes tasks');
  expect(`${stdout}${stderr}`).not.toContain(key);
  const warnings = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number; object?: string; seal?: string; below?: number })
    .filter(({ level, object }) => level === 40 && object !== undefined);
  const seals = warnings.filter(({ object }) => object === forgedObject).map(({ seal }) => seal);
  expect(seals).toEqual(expect.arrayContaining(['none', 'wrong']));
  for (const folder of folders) expect(warnings).toContainEqual(expect.objectContaining({ object: folder, below: 1 }));
});
