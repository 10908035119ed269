import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { copyRelease, oneTimerMore } from '../harness/other-release.ts';
import { PrivateStack, eventually } from '../harness/private-stack.ts';
import { ReleaseBench } from './release-bench.ts';
import type { RunningRelease } from './release-bench.ts';

/**
 * Two releases on real servers: a story stays with the one that it began with, whatever is current, and tasks of another version
 * of a stage never reach a worker that does not know it.
 */

jest.setTimeout(600_000);

interface ReleaseRow {
  readonly buildId: string;
  readonly isCurrent: boolean;
  readonly open: number;
  readonly workers: number;
}

let bench: ReleaseBench;
let here: RunningRelease;
let there: RunningRelease;
/** A story that `here` has finished. */
let over: string;

beforeAll(async () => {
  bench = await ReleaseBench.open();
  here = await bench.start('this');
});
afterAll(() => bench.close());

async function releases(): Promise<Readonly<Record<string, ReleaseRow>>> {
  const { stdout } = await there.command.shotline('release', 'status', '--json');
  const { releases: rows } = JSON.parse(stdout) as { releases: ReleaseRow[] };
  return Object.fromEntries(rows.map((row) => [row.buildId, row]));
}

const boat = 'prompt: a red boat sails to the right on the sea at sunset';
const ball = 'prompt: a blue ball bounces on the grass by day';

test('a roll in mid-story and back: stories stay with their release, their films are the same, and it is told when workers may go', async () => {
  const file = await bench.story('rolled', `id: one, ${boat}`, `id: two, join: cut, ${ball}`);
  await (await bench.submit(here, file)).result();
  const calm = { film: await bench.hashes('film'), base: await bench.hashes('base') };
  await bench.forget();

  const old = await bench.submit(here, file);
  await bench.midLoop();
  there = await bench.start('other');
  expect(there.buildId).not.toBe(here.buildId);
  // A worker that is one of many does not take over: one that is restarted in mid-roll would turn the roll back.
  expect(await releases()).toMatchObject({
    [here.buildId]: { isCurrent: true, open: 1, workers: 1 },
    [there.buildId]: { isCurrent: false, open: 0, workers: 1 },
  });
  expect(await there.command.shotline('release', 'use', there.buildId)).toMatchObject({ code: 0 });
  const fresh = await bench.submit(there, await bench.story('fresh', `id: one, ${ball}, seed: 7`));
  await Promise.all([old.result(), fresh.result()]);
  expect(await bench.pinnedTo(old)).toEqual([here.buildId]);
  expect(await bench.pinnedTo(fresh)).toEqual([there.buildId]);
  expect(await bench.hashes('film')).toMatchObject(calm.film);
  expect(await bench.hashes('base')).toMatchObject(calm.base);
  // No task went to a worker that does not know it.
  expect(here.log() + there.log()).not.toMatch(/RELEASE_MISMATCH|Nondeterminism/);
  await eventually('a release whose workers may go', async () => (await releases())[here.buildId]?.open === 0);
  const { stdout } = await here.command.shotline('release', 'status');
  expect(stdout).toMatch(new RegExp(`${here.buildId} +free .*its workers may go`));

  // The other release finds what has the same version in both, and makes the same film of its own segments.
  const films = await bench.hashes('film');
  const again = await there.command.render(file);
  expect(again).toMatchObject({ computed: 2 * 3 + 1, cacheHits: 2 * 2 });
  const all = await bench.hashes('film');
  expect(Object.keys(all)).toHaveLength(Object.keys(films).length + 1);
  expect(new Set(Object.values(all))).toEqual(new Set(Object.values(films)));

  expect(await here.command.shotline('release', 'use', here.buildId)).toMatchObject({ code: 0 });
  const back = await bench.submit(here, await bench.story('back', `id: one, ${boat}, seed: 9`));
  await back.result();
  over = back.workflowId;
  expect(await bench.pinnedTo(back)).toEqual([here.buildId]);
});

test('reroll, edit, queries and cancel reach a story whose release is not the current one, from commands of both', async () => {
  const changed = await bench.submit(
    here,
    await bench.story('changed', `id: one, ${boat}, seed: 3`, `id: two, join: cut, ${ball}`),
  );
  const doomed = await bench.submit(here, await bench.story('doomed', `id: one, ${boat}, seed: 4`));
  await there.command.shotline('release', 'use', there.buildId);
  const told = (...args: string[]) => there.command.shotline(...args);
  expect(await told('reroll', changed.workflowId, 'two', '--seed', '11', '--detach')).toMatchObject({ code: 0 });
  const edit = ['edit', changed.workflowId, 'one', 'a green boat sails to the left on the sea by day', '--detach'];
  expect(await here.command.shotline(...edit)).toMatchObject({ code: 0 });
  expect(await told('status', changed.workflowId, '--json')).toMatchObject({ code: 0 });
  expect(await told('cancel', doomed.workflowId)).toMatchObject({ code: 0 });
  await changed.result();
  expect(await bench.pinnedTo(changed)).toEqual([here.buildId]);
  await expect(doomed.result()).rejects.toThrow();
});

test('a story whose release has no workers says so, is ended by force, and made by the other release', async () => {
  await here.command.shotline('release', 'use', here.buildId);
  const file = await bench.story('left', `id: one, ${boat}, seed: 21`);
  const left = await bench.submit(here, file);
  await there.command.shotline('release', 'use', there.buildId);
  await here.stop();
  await eventually('the end of the pollers', async () => (await releases())[here.buildId]?.workers === 0);
  const { stdout: table } = await there.command.shotline('release', 'status');
  expect(table).toMatch(new RegExp(`${here.buildId} +needed +1 +0 .*cancel --force`));
  const { code, stderr } = await there.command.shotline('status', left.workflowId);
  expect({ code, stderr }).toMatchObject({
    code: 5,
    stderr: expect.stringContaining(`began with release ${here.buildId}`),
  });
  expect(await there.command.shotline('release', 'use', here.buildId)).toMatchObject({ code: 8 });
  expect(await there.command.shotline('cancel', '--force', left.workflowId)).toMatchObject({ code: 0 });
  const film = await there.command.render(file);
  expect(film.frames).toBe(61);
  // What is over answers without a worker of its release, too.
  const { stdout } = await there.command.shotline('url', over, '--json');
  expect((JSON.parse(stdout) as { filmUrl: string }).filmUrl).toContain('.mp4');
});

test('a local stack goes on with a story that began before an upgrade, and `render` uses the new release', async () => {
  const stack = await PrivateStack.create({ SHOTLINE_CHECKPOINT_EVERY: '1' });
  try {
    const text = `title: Upgrade\noutput: { width: 128, height: 72 }\ndefaults: { steps: 24 }\nshots:\n  - { id: one, ${boat} }\n`;
    const file = await stack.writeStory('upgrade.yaml', text);
    const calm = await stack.render(file, '--detach');
    const upgraded = stack.of(await copyRelease(join(stack.dir, 'upgraded'), oneTimerMore));
    const up = await upgraded.shotline('stack', 'up');
    expect(up.code).toBe(0);
    const log = await readFile(join(stack.dir, 'stack', 'worker-edit.log'), 'utf8');
    expect(log).toContain('stories of an earlier release go on here');
    // The same script finds the story that runs.
    const film = await upgraded.render(file);
    expect(film.workflowId).toBe(calm.workflowId);
    const { stdout } = await upgraded.shotline('release', 'status', '--json');
    const rows = (JSON.parse(stdout) as { releases: ReleaseRow[] }).releases;
    expect(rows).toHaveLength(2);
    const next = await upgraded.render(await stack.writeStory('next.yaml', text.replace('Upgrade', 'Next')));
    expect(next.cacheHits).toBeGreaterThan(3);
  } finally {
    await stack.destroy();
  }
});
