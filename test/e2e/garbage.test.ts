import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { findStack } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { PrivateStack, finished } from '../harness/private-stack.ts';

/** Garbage on real servers: what goes, and that nothing goes that a story needs. */

jest.setTimeout(600_000);

let stack: PrivateStack;
let bucket: ObjectStore;

const settings = 'output: { width: 128, height: 72 }\ndefaults: { steps: 2 }\n';
const boat = '  - { id: boat, prompt: a red boat sails to the right on the sea at sunset }\n';
/** Its first shot has two takes, for no clip is that good; its picture of the boat is that of the other story. */
const gated = `title: Gated\n${settings}shots:\n${boat}  - { id: ball, prompt: a red ball on the beach, join: dissolve, gate: { imaging_quality: 1, retries: 1 } }\n`;
const plain = `title: Plain\n${settings}shots:\n${boat}`;

beforeAll(async () => {
  stack = await PrivateStack.create();
  expect((await stack.shotline('stack', 'up')).code).toBe(0);
  bucket = connectObjectStore(storageConfigFromEnv({ ...stack.env, ...(await findStack({ env: stack.env }))!.env }));
});
afterAll(async () => {
  bucket.close();
  await stack.destroy();
});

const keysUnder = async (prefix: string): Promise<string[]> => (await bucket.list(prefix)).map(({ key }) => key);
const madeThings = async (): Promise<string[]> => [...(await keysUnder('artifacts/')), ...(await keysUnder('films/'))];

async function gc(...args: readonly string[]): Promise<Record<string, unknown>> {
  const run = await stack.shotline('gc', ...args, '--json');
  if (run.code !== 0) throw new Error(`gc ended with ${String(run.code)}\n${run.stderr}`);
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

/** Renders a story and gives its id, how much was computed, and the hash of the film's frames as they were coded. */
async function rendered(name: string, text: string) {
  const file = join(stack.dir, `${name}.mp4`);
  const { workflowId, computed } = await stack.render(await stack.writeStory(`${name}.yaml`, text), '-o', file);
  return {
    id: workflowId,
    computed,
    sha256: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}

test('of two films nothing goes, however old it is; what nobody names goes, and only when it is asked to', async () => {
  const first = await rendered('plain', plain);
  const second = await rendered('gated', gated);
  const orphan = `artifacts/base/${'0'.repeat(64)}.safetensors`;
  await bucket.putBytes(orphan, Buffer.from('nobody'), { contentType: 'application/octet-stream' });
  const before = await madeThings();

  expect(await gc('--older-than', '0s')).toMatchObject({ deleted: false });
  expect(await madeThings()).toEqual(before);

  // Written a moment ago: the usual times spare it.
  expect(await gc('--delete')).toMatchObject({ deleted: true, objects: 0 });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await gc('--older-than', '0s', '--delete')).toMatchObject({ objects: 1, bytes: 6 });
  const after = await madeThings();
  expect(after).toEqual(before.filter((key) => key !== orphan));
  for (const [name, text, film] of [
    ['plain', plain, first],
    ['gated', gated, second],
  ] as const)
    expect(await rendered(name, text)).toEqual({ ...film, computed: 0 });
});

test('raw frames of films go when that is asked for, and the same films are made anew from what stays', async () => {
  const before = await keysUnder('artifacts/interp/');
  expect(before.length).toBeGreaterThan(1);
  const first = await rendered('plain', plain);
  const second = await rendered('gated', gated);
  expect([first.computed, second.computed]).toEqual([0, 0]);
  expect((await stack.shotline('gc', 'pin', first.id)).code).toBe(0);
  await gc('--older-than', '0s', '--frames-after', '0s', '--delete');
  // The pinned story keeps its own.
  expect(await keysUnder('artifacts/interp/')).toHaveLength(1);
  expect(await rendered('plain', plain)).toEqual(first);
  expect((await stack.shotline('gc', 'unpin', first.id)).code).toBe(0);
  await gc('--frames-after', '0s', '--delete');
  expect(await keysUnder('artifacts/interp/')).toEqual([]);
  expect(await keysUnder('artifacts/dissolve/')).toEqual([]);
  const again = await rendered('gated', gated);
  expect(again).toEqual({ ...second, computed: again.computed });
  expect(again.computed).toBeGreaterThan(0);
  expect(await keysUnder('artifacts/base/')).toHaveLength(3);
});

test('an erased story is gone from the bucket and from Temporal, and what it shared with another is not', async () => {
  const other = await rendered('plain', plain);
  const { id, sha256 } = await rendered('gated', gated);
  const dry = await gc('--story', id);
  expect(dry).toMatchObject({ erased: false, storyId: id });
  const told = await gc('--story', id, '--delete');
  expect(told).toMatchObject({ erased: true, left: { objects: [], runs: [] } });
  expect((told['own'] as string[]).length).toBeGreaterThan(5);
  expect((told['shared'] as string[]).some((key) => key.startsWith('artifacts/base/'))).toBe(true);
  const left = await madeThings();
  expect(left.filter((key) => (told['own'] as string[]).includes(key))).toEqual([]);
  expect(left).toEqual(expect.arrayContaining(told['shared'] as string[]));
  expect((await stack.shotline('status', id)).code).toBe(8);
  expect((await stack.shotline('status')).stdout).not.toContain(id);
  expect((await stack.shotline('gc', '--story', id)).code).toBe(8);
  expect(await rendered('plain', plain)).toEqual({ ...other, computed: 0 });

  // Made anew, while garbage of any age goes again and again: the same film.
  const again = stack.start('render', join(stack.dir, 'gated.yaml'), '--json', '-o', join(stack.dir, 'again.mp4'));
  const end = finished(again);
  let sweeps = 0;
  for (; again.exitCode === null; sweeps++) await gc('--older-than', '0s', '--delete');
  const run = await end;
  expect(run.stderr).not.toMatch(/fail/i);
  expect(run.code).toBe(0);
  expect(sweeps).toBeGreaterThan(2);
  const film = createHash('sha256').update(await readFile(join(stack.dir, 'again.mp4')));
  expect(film.digest('hex')).toBe(sha256);
  expect(await rendered('gated', gated)).toEqual({ id, sha256, computed: 0 });
});

test('a story that runs, or is pinned, is not erased', async () => {
  const { id } = await rendered('plain', plain);
  expect((await stack.shotline('gc', 'pin', id)).code).toBe(0);
  const refused = await stack.shotline('gc', '--story', id, '--delete');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/is pinned; `shotline gc unpin/);
  expect((await stack.shotline('gc', 'pins')).stdout).toContain(id);
  const long = stack.start(
    'render',
    await stack.writeStory('long.yaml', plain.replace('Plain', 'Long').replace('steps: 2', 'steps: 60')),
    '--json',
  );
  const end = finished(long);
  let running: string | undefined;
  while (running === undefined) {
    const { stories } = JSON.parse((await stack.shotline('status', '--json')).stdout) as {
      stories: { workflowId: string; state: string }[];
    };
    running = stories.find(
      ({ workflowId, state }) => workflowId.startsWith('story-long') && state === 'running',
    )?.workflowId;
  }
  const busy = await stack.shotline('gc', '--story', running, '--delete');
  expect(busy.code).toBe(2);
  expect(busy.stderr).toMatch(/runs; `shotline cancel/);
  await stack.shotline('cancel', running);
  await end;
});
