import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pause, reroll, resume, status } from '../../workflows/messages.ts';
import { freshCampaign, gatedStory, startCampaign } from '../fakes/fresh-campaign.ts';
import { freshStory, openFarm } from '../fakes/farm.ts';
import type { Farm, StoryHandle } from '../fakes/farm.ts';
import { historyToJson } from '../fakes/history.ts';
import type { FakePools } from '../fakes/fake-pools.ts';
import startTemporal from '../temporal-setup.mjs';
import stopTemporal from '../temporal-teardown.mjs';

/**
 * Records the histories that `histories.test.ts` replays: `npx tsx test/replay/record-histories.ts`. Run it when the order
 * of a workflow's commands changes on purpose, and say in the commit what becomes of stories under way.
 */
const folder = fileURLToPath(new URL('../histories/', import.meta.url));

/** What happens to each recorded story of two shots; resolves when it has happened. */
const scenarios: Readonly<Record<string, (handle: StoryHandle, pools: FakePools) => Promise<void>>> = {
  plain: () => Promise.resolve(),
  rerolled: async (handle, pools) => {
    await pools.until({ storyId: handle.workflowId, kind: 'begin', item: 'shot shot-1', stage: 'interp' });
    await handle.executeUpdate(reroll, { args: [{ shot: 'shot-0' }] });
  },
  paused: async (handle, pools) => {
    await pools.until({ storyId: handle.workflowId, kind: 'begin', item: 'shot shot-1', stage: 'interp' });
    await handle.executeUpdate(pause);
    await handle.executeUpdate(resume);
  },
  cancelled: async (handle, pools) => {
    await pools.until({ storyId: handle.workflowId, kind: 'begin', item: 'shot shot-1', stage: 'interp' });
    await handle.cancel();
  },
  failed: (_handle, pools) => {
    pools.fail({ item: 'shot shot-1', stage: 'interp' }, 'NUMERIC_INVALID');
    return Promise.resolve();
  },
};

async function record(farm: Farm, name: string, happen: (typeof scenarios)[string]): Promise<void> {
  const release = farm.pools.hold({ item: 'shot shot-1', stage: 'interp' });
  const { handle } = await farm.submit({ ...freshStory(2), indexed: true, tenant: 'recorder' });
  await happen(handle, farm.pools);
  release();
  await handle.result().catch(() => undefined);
  await save(handle, `story-${name}`);
  if (name !== 'plain') return;
  for (const { kind, childId } of (await handle.query(status)).items) {
    if (childId !== null) await save(farm.client.workflow.getHandle(childId), `${kind}-${name}`);
  }
}

/** A story whose first take is under its gate, and the child that judged. */
async function recordGate(farm: Farm): Promise<void> {
  const input = gatedStory(2);
  farm.campaigns.scores.set(input.script.shots[0]?.prompt ?? '', [
    { subject_consistency: 0.5 },
    { subject_consistency: 0.95 },
  ]);
  const { handle } = await farm.submit(input);
  await handle.result();
  await save(handle, 'story-gated');
  const { events } = await handle.fetchHistory();
  const children = events?.flatMap(
    (event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? [],
  );
  const child = children?.find((id) => id.includes('-gate-'));
  if (child !== undefined) await save(farm.client.workflow.getHandle(child), 'gate-plain');
}

async function recordCampaign(farm: Farm): Promise<void> {
  const handle = await startCampaign(farm, freshCampaign(5, 2));
  await handle.result();
  await save(handle, 'campaign-plain');
  await save(farm.client.workflow.getHandle(`${handle.workflowId}/0`), 'prompt-plain');
}

async function save(handle: Pick<StoryHandle, 'fetchHistory'>, name: string): Promise<void> {
  // Who recorded it is nobody's business.
  const recorder = `${process.pid}@${hostname()}`;
  await writeFile(`${folder}${name}.json`, historyToJson(await handle.fetchHistory()).replaceAll(recorder, 'recorder'));
}

await mkdir(folder, { recursive: true });
await startTemporal();
const farm = await openFarm({ maxCachedWorkflows: 100 });
try {
  for (const [name, happen] of Object.entries(scenarios)) await record(farm, name, happen);
  await recordGate(farm);
  await recordCampaign(farm);
} finally {
  await farm.close();
  await stopTemporal();
}
