import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { storyHandle } from '../../client/story-client.ts';
import { type Farm, freshStory, openFarm, patienceMs } from '../fakes/farm.ts';

jest.setTimeout(patienceMs);

let farm: Farm;
beforeAll(async () => {
  farm = await openFarm({ maxCachedWorkflows: 0 });
});
afterAll(() => farm.close());

/** Children are called otherwise: the least that a history can differ in. */
const otherNames = (code: string): string => {
  const changed = code.replace('/${item.plan.id}-${', () => '/${item.plan.id}.${');
  expect(changed === code).toBe(false);
  return changed;
};

test('a story that other code cannot follow is ended by force, and submitted again finds what was made', async () => {
  const { client, pools } = farm;
  const input = freshStory(2);
  const release = pools.hold({ item: 'shot shot-1', stage: 'interp' });
  const { handle } = await farm.submit(input);
  const storyId = handle.workflowId;
  await pools.until({ storyId, kind: 'begin', item: 'shot shot-1', stage: 'interp' });
  // Whichever of the shots goes first.
  await pools.until({ storyId, kind: 'end', item: 'shot shot-0', stage: 'base' });
  await farm.release(otherNames);
  release();
  await handle.cancel(); // asks its workflow, which cannot answer
  const states = async () => (await client.workflow.getHandle(storyId).describe()).status.name;
  const failed = async () =>
    (await handle.fetchHistory()).events?.some(({ workflowTaskFailedEventAttributes: task }) => task != null) ?? false;
  while (!(await failed())) await delay(50);
  expect(await states()).toBe('RUNNING');

  await storyHandle(client, storyId).end();
  expect(await states()).toBe('TERMINATED');
  // Its shots too, whom nobody could tell: a new run waits for their ids.
  const query = `RootWorkflowId = "${storyId}" AND ExecutionStatus = "Running"`;
  while ((await client.workflow.count(query)).count > 0) await delay(50);
  const again = await farm.submit(input);
  await again.handle.result();
  expect(pools.count({ storyId, kind: 'end', stage: 'base' })).toBe(2);
});
