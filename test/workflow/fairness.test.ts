import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { stages } from '../../story/plan/stages.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { StoryInput } from '../../workflows/contracts.ts';
import { status } from '../../workflows/messages.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { openFarm, patienceMs, type Farm, type StoryHandle } from '../fakes/farm.ts';

/** Tenants on a farm with one device of each kind. */

jest.setTimeout(patienceMs);
let farm: Farm;
beforeAll(async () => {
  farm = await openFarm({ maxCachedWorkflows: 1000, stageMs: 300, slots: 1 });
});
afterAll(() => farm.close());

/** A story of one tenant; shots after the first continue the one before. */
function chain(tenant: string, numShots: number): StoryInput {
  const take = randomUUID().slice(0, 8);
  const shots = Array.from(
    { length: numShots },
    (_, index) =>
      `  - { id: s${String(index)}, prompt: ${take} ${String(index)}${index > 0 ? ', continue: true' : ''} }\n`,
  );
  const text = `title: Take ${take}\noutput: { width: 128, height: 72 }\nshots:\n${shots.join('')}`;
  return { script: parseScript(text, { fileName: 'chain.yaml' }), models: exampleModels, tenant };
}

/** Waits until the base task of a story's only shot is in its queue. */
async function untilQueued(handle: StoryHandle): Promise<void> {
  for (;;) {
    const childId = (await handle.query(status)).items[0]?.childId ?? null;
    if (childId !== null) {
      const { raw } = await farm.client.workflow.getHandle(childId).describe();
      if ((raw.pendingActivities ?? []).length > 0) return;
    }
    await delay(20);
  }
}

test('a tenant’s first clip does not wait for the chains of another tenant: the pool serves them in turn', async () => {
  const big = await Promise.all(Array.from({ length: 8 }, () => farm.submit(chain('big', 6))));
  await farm.pools.until({ kind: 'begin', stage: 'completion' }, 6);
  const { handle } = await farm.submit(chain('small', 1));
  await untilQueued(handle);
  const { events } = farm.pools;
  const queued = events.length;
  await farm.pools.until({ storyId: handle.workflowId, kind: 'begin', stage: 'base' });
  const before = events.slice(queued).filter(({ kind, storyId, stage }) => {
    const isOfBase = stage !== 'publish' && stages[stage].pool === 'base';
    return kind === 'begin' && storyId !== handle.workflowId && isOfBase;
  });
  // One whose turn it was already, and one that the worker had asked for.
  expect(before.length).toBeLessThanOrEqual(2);
  await Promise.all([handle.result(), ...big.map((each) => each.handle.result())]);
});
