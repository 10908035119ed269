import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withStackLock } from './stack-lock.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-lock-'));
});
afterAll(() => rm(dir, { recursive: true }));

const lock = (): string => join(dir, 'lock');
const work = (): Promise<string> => Promise.resolve('done');

test('work of several follows one another, and leaves nothing behind', async () => {
  const events: string[] = [];
  const turn = async (name: string): Promise<void> => {
    events.push(`${name} begins`);
    await readdir(dir);
    events.push(`${name} ends`);
  };
  await Promise.all(['a', 'b', 'c'].map((name) => withStackLock(dir, () => turn(name))));
  for (let at = 0; at < 6; at += 2) expect(events[at + 1]).toBe(events[at]?.replace('begins', 'ends'));
  expect(await readdir(dir)).toEqual([]);
});

test('a lock whose holder died is taken over, also one that was never written', async () => {
  const { pid } = spawnSync('true');
  await writeFile(lock(), String(pid));
  await expect(withStackLock(dir, work)).resolves.toBe('done');
  await writeFile(lock(), '');
  await utimes(lock(), new Date(0), new Date(0));
  await expect(withStackLock(dir, work)).resolves.toBe('done');
});

test('who waits is told for whom', async () => {
  const { promise, resolve } = withResolver();
  await writeFile(lock(), String(process.ppid));
  const waiting = withStackLock(dir, work, resolve);
  expect(await promise).toContain(`(process ${String(process.ppid)})`);
  await rm(lock());
  await expect(waiting).resolves.toBe('done');
});

test('where no file can be made that is said at once', async () => {
  await writeFile(join(dir, 'file'), '');
  await expect(withStackLock(join(dir, 'file', 'stack'), work)).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(withStackLock('/proc/nope/stack', work)).rejects.toHaveProperty('syscall', 'mkdir');
});

function withResolver(): { readonly promise: Promise<string>; readonly resolve: (line: string) => void } {
  let resolve: (line: string) => void = () => undefined;
  const promise = new Promise<string>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
