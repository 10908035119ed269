import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Join } from '../../story/script/script.ts';
import { pause, reroll, resume, status } from '../../workflows/messages.ts';
import { freshStory, openFarm, patienceMs, type Farm, type StoryHandle } from '../fakes/farm.ts';
import { startSlowTemporal, type SlowTemporal } from '../harness/slow-temporal.ts';

/** A real server that takes its time between a child's start being asked for and the child: cancels fall into that gap. */

jest.setTimeout(patienceMs);
const cut: Join = { kind: 'cut' };
const numShots = 12;
let server: SlowTemporal;
let farm: Farm;

beforeAll(async () => {
  server = await startSlowTemporal(2);
  farm = await openFarm({ maxCachedWorkflows: 100, address: server.address });
});
afterAll(async () => {
  await farm.close();
  await server.stop();
});

interface Counts {
  readonly initiated: number;
  readonly started: number;
  readonly cancelFailed: number;
}

async function childrenOf(handle: StoryHandle): Promise<Counts> {
  const { events } = await handle.fetchHistory();
  const count = (name: keyof NonNullable<typeof events>[number]): number =>
    (events ?? []).filter((event) => event[name] != null).length;
  return {
    initiated: count('startChildWorkflowExecutionInitiatedEventAttributes'),
    started: count('childWorkflowExecutionStartedEventAttributes'),
    cancelFailed: count('requestCancelExternalWorkflowExecutionFailedEventAttributes'),
  };
}

/** Returns when the server has been asked for all children of a story and has not started them all. */
async function whileChildrenStart(handle: StoryHandle): Promise<void> {
  for (;;) {
    const { initiated, started } = await childrenOf(handle);
    if (initiated >= numShots) {
      expect(started).toBeLessThan(initiated);
      return;
    }
  }
}

/** No child of a story is running any more. */
async function expectNoChildren(handle: StoryHandle): Promise<void> {
  const { items } = await handle.query(status);
  for (const { childId } of items) {
    if (childId === null) continue;
    const { status: state } = await farm.client.workflow.getHandle(childId).describe();
    expect(state.name).not.toBe('RUNNING');
  }
}

describe('children that are being started hear', () => {
  test('a cancel: the story ends, and no child works for it afterwards', async () => {
    const { handle } = await farm.submit(freshStory(numShots, cut));
    farm.pools.hold({ storyId: handle.workflowId, stage: 'base' });
    await whileChildrenStart(handle);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await childrenOf(handle)).cancelFailed).toBe(0);
    await expectNoChildren(handle);
  });

  test('the failure of the first of them', async () => {
    const input = freshStory(numShots, cut);
    farm.pools.fail({ item: 'shot shot-0', stage: 'base' }, 'NUMERIC_INVALID', 99);
    for (let shot = 1; shot < numShots; shot++) farm.pools.hold({ item: `shot shot-${String(shot)}`, stage: 'base' });
    const { handle } = await farm.submit(input);
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NUMERIC_INVALID' } });
    expect((await childrenOf(handle)).cancelFailed).toBe(0);
    await expectNoChildren(handle);
    farm.pools.relax();
  });

  test('a pause, and start again after it', async () => {
    const { handle } = await farm.submit(freshStory(numShots, cut));
    await whileChildrenStart(handle);
    expect((await handle.executeUpdate(pause)).state).toBe('paused');
    await expectNoChildren(handle);
    await handle.executeUpdate(resume);
    expect(await handle.result()).toMatchObject({ storyId: handle.workflowId });
    expect((await childrenOf(handle)).cancelFailed).toBe(0);
  });

  test('an edit: the clip of the old seed is not what the film shows', async () => {
    const { handle } = await farm.submit(freshStory(numShots, cut));
    await whileChildrenStart(handle);
    await handle.executeUpdate(reroll, { args: [{ shot: 'shot-11', seed: 4711 }] });
    expect(await handle.result()).toMatchObject({ storyId: handle.workflowId });
    expect((await childrenOf(handle)).cancelFailed).toBe(0);
    await expectNoChildren(handle);
  });
});
