import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { sweepFolders } from '../../storage/owned-folder.ts';
import { createPackageStore } from '../../storage/package-store.ts';
import { FakeObjectStore } from '../fakes/fake-object-store.ts';

jest.setTimeout(60_000);

let root: string;
const processes: ChildProcess[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-owned-'));
});
afterEach(async () => {
  for (const child of processes.splice(0)) await kill(child);
  await rm(root, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

/** Runs a program of this folder, ahead of it the words of one that runs programs, and gives its first line. */
async function run(
  words: readonly string[],
  file: string,
  ...args: readonly string[]
): Promise<{ line: string; child: ChildProcess }> {
  const [program, ...rest] = [...words, process.execPath, '--import', import.meta.resolve('tsx'), file, ...args];
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { line, child };
}

/** Has a process own a folder under the root, or sweep there. */
const say = (words: readonly string[], ...args: readonly string[]): ReturnType<typeof run> =>
  run(words, fixture('folder-owner.ts'), root, ...args);

/** As a container with the host's name: process numbers of its own, of which the first is 1. */
const asContainer = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const testAsRoot = process.getuid?.() === 0 && process.platform === 'linux' ? test : test.skip;

describe('a folder of a living process', () => {
  test('is spared, and goes with its owner (O1, O2)', async () => {
    const { line, child } = await say([]);
    const dir = line.replace('owns ', '');
    expect(await sweepFolders(root, 'task-')).toBe(0);
    await kill(child);
    expect(await sweepFolders(root, 'task-')).toBe(1);
    await expect(stat(dir)).rejects.toThrow('ENOENT');
  });

  test('is spared while its owner is stopped (O1)', async () => {
    const { child } = await say([]);
    child.kill('SIGSTOP');
    expect(await sweepFolders(root, 'task-')).toBe(0);
  });

  testAsRoot(
    'in one container is spared by another in which each is process 1, and goes when it is dead (O1, O2)',
    async () => {
      const { child } = await say(asContainer);
      expect((await say(asContainer, 'sweep')).line).toBe('swept 0');
      await kill(child);
      expect((await say(asContainer, 'sweep')).line).toBe('swept 1');
      expect(await readdir(root)).toEqual([]);
    },
  );
});

test('a package that a killed worker had fetched halfway goes with the next start, and not while it is fetched', async () => {
  const source = join(import.meta.dirname, '../../models/packages/pocket-text');
  const { line, child } = await run([], fixture('package-fetcher.ts'), source, root);
  expect(line).toBe('fetching');
  const store = createPackageStore(new FakeObjectStore(), root);
  expect(await store.sweep()).toBe(0);
  await kill(child);
  expect(await readdir(join(root, 'packages'))).toHaveLength(1);
  expect(await store.sweep()).toBe(1);
  expect(await readdir(join(root, 'packages'))).toEqual([]);
});
