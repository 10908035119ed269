import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { submitStory } from '../../client/story-client.ts';
import { pause, resume, status, storyEnding } from '../../workflows/messages.ts';
import { freshStory } from '../fakes/farm.ts';
import { describeFarm } from './describe-farm.ts';

/** A client, and when it has been told that the story is ending: then it asks which run of it to wait for. */
function askedForRun({ connection }: Client): { readonly client: Client; readonly hasAsked: Promise<void> } {
  let asked = (): void => undefined;
  const hasAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const describe: WorkflowClientInterceptor['describe'] = async (input, next) => {
    const found = await next(input);
    asked();
    return found;
  };
  return { client: new Client({ connection, interceptors: { workflow: [{ describe }] } }), hasAsked };
}

describeFarm('a running story', (farm) => {
  test('frees its pools when paused, and resumes at the checkpoints', async () => {
    const { pools } = farm();
    const release = pools.hold({ item: 'shot shot-1', stage: 'interp' });
    const { handle } = await farm().submit(freshStory(2));
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', item: 'shot shot-1', stage: 'interp' });
    await pools.until({ storyId, kind: 'end', item: 'shot shot-0', stage: 'segment' }, 3);
    await pools.until({ storyId, kind: 'end', item: 'join shot-0+shot-1', stage: 'segment' }, 3);

    const paused = await handle.executeUpdate(pause);
    expect(paused.state).toBe('paused');
    expect(pools.count({ storyId, kind: 'cancelled', stage: 'interp' })).toBe(1);
    expect(paused.items.flatMap(({ stages }) => stages).map(({ state }) => state)).not.toContain('running');
    // Pausing twice is no mistake.
    expect((await handle.executeUpdate(pause)).state).toBe('paused');
    release();
    const numBefore = pools.events.length;
    expect((await handle.query(status)).state).toBe('paused');
    expect(pools.events.length).toBe(numBefore);

    await handle.executeUpdate(resume);
    const { cacheHits } = await handle.result();
    expect(cacheHits).toBe(0);
    const interp = pools.publishRequests
      .find(({ context }) => context.storyId === storyId)
      ?.runs.find((run) => run.item === 'shot shot-1' && run.stage === 'interp');
    expect(interp?.result.resumedFromStep).toBe(8);
    // What was done before the pause is not asked for again.
    expect(pools.count({ storyId, item: 'shot shot-1', stage: 'base' })).toBe(2);
    expect(pools.count({ storyId, item: 'shot shot-0', stage: 'segment' })).toBe(6);
  });

  test('confirms that all activities have ended when it is cancelled', async () => {
    const { pools } = farm();
    const release = pools.hold({ stage: 'base' });
    const { handle } = await farm().submit(freshStory(3));
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'base' }, 3);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(pools.count({ storyId, kind: 'cancelled', stage: 'base' })).toBe(3);
    const { state, items } = await handle.query(status);
    expect(state).toBe('cancelled');
    for (const { childId } of items.filter(({ kind }) => kind === 'shot')) {
      const child = await farm()
        .client.workflow.getHandle(childId ?? '')
        .describe();
      expect(child.status.name).toBe('CANCELLED');
    }
    release();
  });

  test('is not joined by a client that submits it while it is ending: that one starts it again', async () => {
    const { client, pools, queues } = farm();
    const input = freshStory(1);
    const release = pools.hold({ stage: 'base' }, { stubborn: true });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'base' });
    const { runId } = await handle.describe();
    await handle.cancel();
    while ((await handle.query(status)).state !== 'cancelled') await delay(50);
    await expect(farm().submit(input)).rejects.toMatchObject({ cause: { type: storyEnding } });

    const { client: watched, hasAsked } = askedForRun(client);
    const again = submitStory(watched, { namespace: 'default', queues }, input);
    await Promise.race([hasAsked, again]);
    release();
    const { story } = await again;
    const result = await story.result();
    expect(result.storyId).toBe(storyId);
    // Six tasks, or five: the clip that was held is kept when it is done before its cancellation has come to it.
    expect([5, 6]).toContain(result.computed);
    const first = await client.workflow.getHandle(storyId, runId).describe();
    expect(first.status.name).toBe('CANCELLED');
  });

  test('can be submitted again right after it was terminated', async () => {
    const { pools } = farm();
    const input = freshStory(1);
    const release = pools.hold({ stage: 'base' });
    const first = await farm().submit(input);
    const storyId = first.handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'base' });
    await first.handle.terminate();
    const second = await farm().submit(input);
    await pools.until({ storyId, kind: 'begin', stage: 'base' }, 2);
    release();
    expect(await second.handle.result()).toMatchObject({ storyId, computed: 6 });
    expect(pools.count({ storyId, kind: 'cancelled', stage: 'base' })).toBe(1);
  });
});
