import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { registerSearchAttributes } from '../../infra/temporal/search-attributes.ts';
import { storySearchAttributes } from '../../workflows/search-attributes.ts';
import { eventually, finished } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';

/** Whoever speaks to Temporal starts workflows of any name with any words; the command shows them to everybody. */

jest.setTimeout(120_000);

const address = process.env['SHOTLINE_TEST_TEMPORAL'] ?? '';
const root = resolve(import.meta.dirname, '../..');
const mark = randomUUID();
const evil = '\u001b]0;PWNED\u0007\u001b[2J\u009b31m\u202e\u2028\u200b\u034f';
const workflowId = `story-\u001b[31mEVIL-${mark}`;
/** Anything but line breaks that steers a terminal or that nobody sees. */
const risky = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

let connection: Connection;
let client: Client;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  client = new Client({ connection });
  await registerSearchAttributes(connection, 'default');
  const { title, state } = storySearchAttributes;
  await client.workflow.start('storyWorkflow', {
    workflowId,
    taskQueue: `nobody-${mark}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: title, value: `${mark}${evil}` },
      { key: state, value: evil },
    ]),
    staticSummary: evil,
  });
});
afterAll(async () => {
  await client.workflow.getHandle(workflowId).terminate();
  await connection.close();
});

const start = (...args: readonly string[]): ChildProcess => {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], SHOTLINE_TEMPORAL_ADDRESS: address };
  return spawn(process.execPath, [resolve(root, 'cli/shotline.mjs'), ...args], { env });
};
const shotline = (...args: readonly string[]): Promise<CommandRun> => finished(start(...args));

test('the list shows id, title and state without what they hide', async () => {
  const { stdout } = await eventually('the story in the list', async () => {
    const run = await shotline('status', '--limit', '100');
    return run.stdout.includes(mark) ? run : null;
  });
  expect(stdout).toContain(`story-\\u001b[31mEVIL-${mark}`);
  expect(stdout).toContain(`${mark}\\u001b]0;PWNED\\u0007\\u001b[2J\\u009b31m\\u202e\\u2028\\u200b\\u034f`);
  expect(stdout).not.toMatch(risky);
});

test('JSON holds them whole, and none of them in the raw', async () => {
  const { stdout } = await shotline('status', '--limit', '100', '--json');
  expect(stdout).not.toMatch(risky);
  const { stories } = JSON.parse(stdout) as { stories: { workflowId: string; title: string; state: string }[] };
  expect(stories.find((story) => story.workflowId === workflowId)).toMatchObject({
    title: `${mark}${evil}`,
    state: evil,
  });
});

describe('a program that is no worker of Shotline', () => {
  let foreign: Worker;
  let running: Promise<void>;
  const id = `story-foreign-${mark}`;

  beforeAll(async () => {
    const native = await NativeConnection.connect({ address });
    const queue = `foreign-${mark}`;
    foreign = await Worker.create({
      connection: native,
      taskQueue: queue,
      workflowsPath: resolve(import.meta.dirname, '../fakes/foreign-workflow.ts'),
    });
    running = foreign.run().finally(() => native.close());
    await client.workflow.start('storyWorkflow', { workflowId: id, taskQueue: queue });
  });
  afterAll(async () => {
    await client.workflow.getHandle(id).terminate();
    foreign.shutdown();
    await running;
  });

  test.each([
    ['status', 'status.items.0.stages'],
    ['pause', 'status.state'],
    ['url', 'film.filmKey'],
    ['get --shots', 'script.shots'],
  ])('whose answers are odd is told as such: %s', async (command, place) => {
    const [verb = '', ...options] = command.split(' ');
    const run = finished(start(verb, id, ...options));
    const { code, stderr } = await run;
    expect([code, stderr]).toEqual([5, expect.stringContaining(place)]);
    expect(stderr).toContain(
      `error: what answered for the story '${id}' is no worker of Shotline that this release understands`,
    );
    expect(stderr).not.toContain('bug');
  });
});

test('an id that is not there is answered as harmlessly', async () => {
  const { code, stderr } = await shotline('url', `no-${evil}`);
  expect(code).not.toBe(0);
  expect(stderr).toContain('\\u001b]0;PWNED');
  expect(stderr).not.toMatch(risky);
});
