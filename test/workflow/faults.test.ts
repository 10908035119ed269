import { expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { status } from '../../workflows/messages.ts';
import { freshStory } from '../fakes/farm.ts';
import { describeFarm } from './describe-farm.ts';

describeFarm('a story', (farm) => {
  test('makes a corrupt artifact again, once for all who need it', async () => {
    const { pools } = farm();
    const input = freshStory(1);
    const [shot] = planMadeStory(input.script, input.models).shots;
    pools.corrupt(shot!.interp.key);
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await handle.result();
    expect(pools.count({ storyId, kind: 'end', stage: 'interp' })).toBe(2);
    expect(pools.count({ storyId, kind: 'end', stage: 'base' })).toBe(1);
    expect(pools.count({ storyId, kind: 'end', stage: 'segment' })).toBe(3);
  });

  test('makes a whole lost chain again, across items', async () => {
    const { pools } = farm();
    const input = freshStory(2);
    const { shots, joins } = planMadeStory(input.script, input.models);
    // The film misses a segment of the join, whose inputs are lost as well, down to a neighbour's base clip.
    const release = pools.hold({ stage: 'film' });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'film' });
    const [join] = joins;
    const { work } = join!;
    if (work.kind !== 'seine') throw new Error('the example joins by seine');
    pools.corrupt(planMadeStory(input.script, input.models).film.key);
    for (const key of [join!.segments[0]!.key, work.interp.key, work.transition.key, shots[0]!.base.key]) {
      pools.artifacts.delete(key);
    }
    release();
    await handle.result();
    for (const [item, stage] of [
      ['join shot-0+shot-1', 'segment'],
      ['join shot-0+shot-1', 'interp'],
      ['join shot-0+shot-1', 'transition'],
      ['shot shot-0', 'base'],
    ] as const) {
      expect({ stage, ends: pools.count({ storyId, kind: 'end', item, stage }) }).toEqual({
        stage,
        ends: stage === 'segment' ? 4 : 2,
      });
    }
    expect(pools.count({ storyId, kind: 'end', item: 'shot shot-1' })).toBe(5);
  });

  test('fails with the code and words of a fatal failure, whatever becomes of the work that it cancels, and frees its pools (J3)', async () => {
    const { pools } = farm();
    const release = pools.hold({ item: 'shot shot-0', stage: 'base' });
    pools.fail({ item: 'shot shot-1', stage: 'interp' }, 'NUMERIC_INVALID');
    const { handle } = await farm().submit(freshStory(2));
    const storyId = handle.workflowId;
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'NUMERIC_INVALID', message: 'shot shot-1: a fake NUMERIC_INVALID' },
    });
    expect(pools.count({ storyId, kind: 'cancelled', item: 'shot shot-0' })).toBe(1);
    const { state, failure, items } = await handle.query(status);
    expect({ state, failure }).toEqual({ state: 'failed', failure: 'shot shot-1: a fake NUMERIC_INVALID' });
    expect(items.find(({ item }) => item === 'shot shot-1')?.stages[1]?.state).toBe('failed');
    release();
  });

  test.each([
    ['cancelled', (child: WorkflowHandle) => child.cancel()],
    ['terminated', (child: WorkflowHandle) => child.terminate()],
  ] as const)('fails with a code of its own when the workflow of a shot is %s by hand', async (how, stop) => {
    const { client, pools } = farm();
    const release = pools.hold({ item: 'shot shot-0', stage: 'base' });
    const { handle } = await farm().submit(freshStory(1));
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'base' });
    const { items } = await handle.query(status);
    await stop(client.workflow.getHandle(items[0]!.childId!));
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        type: 'ITEM_STOPPED',
        message: expect.stringContaining(`shot shot-0: its workflow was ${how}`) as unknown,
      },
    });
    release();
  });

  test('waits for storage, forgives the encoder once and a bug twice', async () => {
    const { pools } = farm();
    const input = freshStory(1);
    const [shot] = planMadeStory(input.script, input.models).shots;
    const [first, second] = shot!.segments;
    pools.fail({ key: shot!.base.key }, 'STORAGE_UNAVAILABLE', 1);
    pools.fail({ key: first!.key }, 'MEDIA_FAILED', 1);
    pools.fail({ key: second!.key }, 'INTERNAL', 2);
    const { handle } = await farm().submit(input);
    await handle.result();
    const storyId = handle.workflowId;
    expect(pools.count({ storyId, kind: 'failed' })).toBe(4);

    const other = freshStory(1);
    const key = planMadeStory(other.script, other.models).shots[0]!.segments[0]!.key;
    pools.fail({ key }, 'MEDIA_FAILED', 2);
    const { handle: failing } = await farm().submit(other);
    await expect(failing.result()).rejects.toMatchObject({ cause: { type: 'MEDIA_FAILED' } });
  });
});
