import { expect, test } from '@jest/globals';
import { planSamples } from '../../eval/campaign/plan-campaign.ts';
import { campaignStatus } from '../../workflows/messages.ts';
import { freshCampaign, startCampaign } from '../fakes/fresh-campaign.ts';
import { describeFarm } from './describe-farm.ts';

describeFarm('a campaign', (farm) => {
  test('makes, measures and files every clip once, and sums up', async () => {
    const { pools, campaigns } = farm();
    const input = freshCampaign(6, 2);
    const handle = await startCampaign(farm(), input);
    const summary = await handle.result();
    const storyId = handle.workflowId;
    for (const stage of ['base', 'decode', 'measure'] as const) {
      expect(pools.count({ storyId, kind: 'begin', stage })).toBe(12);
    }
    for (const stage of ['interp', 'segment'] as const) expect(pools.count({ storyId, stage })).toBe(0);
    expect(
      campaigns.filed
        .filter(({ campaignId }) => campaignId === storyId)
        .map(({ index }) => index)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5]);
    expect(summary).toMatchObject({ id: storyId, failed: 0, cost: { generateMs: 24, measureMs: 12, clips: 12 } });
    expect(summary.dimensions).toMatchObject([{ dimension: 'imaging_quality', score: 0.5, videos: 12 }]);
    expect(await handle.query(campaignStatus)).toMatchObject({
      state: 'done',
      promptsDone: 6,
      measured: 12,
      cached: 0,
    });
  });

  test('measures what a film shows when that is asked for', async () => {
    const { pools } = farm();
    const handle = await startCampaign(farm(), { ...freshCampaign(1, 2), interpolated: true });
    await handle.result();
    const { workflowId: storyId } = handle;
    expect(pools.count({ storyId, kind: 'begin', stage: 'interp' })).toBe(2);
    expect(pools.count({ storyId, stage: 'decode' })).toBe(0);
  });

  test('finds what an earlier one made', async () => {
    const { pools } = farm();
    const input = freshCampaign(2, 1);
    await (await startCampaign(farm(), input)).result();
    const again = await startCampaign(farm(), { ...input, samples: 2 });
    await again.result();
    expect(await again.query(campaignStatus)).toMatchObject({ measured: 4, cached: 2 });
    expect(pools.count({ storyId: again.workflowId, kind: 'hit', stage: 'base' })).toBe(2);
  });

  test('files a clip that cannot be made as failed, and goes on', async () => {
    const { pools, campaigns } = farm();
    const input = freshCampaign(2, 2);
    const [lost] = planSamples(input.prompts[1]!, input);
    pools.fail({ key: lost!.clip[0]!.key }, 'NUMERIC_INVALID');
    const handle = await startCampaign(farm(), input);
    expect(await handle.result()).toMatchObject({ failed: 1 });
    const filed = campaigns.filed.find(({ campaignId, index }) => campaignId === handle.workflowId && index === 1)!;
    expect(filed.samples.map(({ failure }) => failure?.code)).toEqual(['NUMERIC_INVALID', undefined]);
  });

  test('frees the pools when it is cancelled, and goes on when it is started again', async () => {
    const { pools } = farm();
    const input = freshCampaign(3, 1);
    const [plan] = planSamples(input.prompts[2]!, input);
    const release = pools.hold({ key: plan!.frames.key });
    const handle = await startCampaign(farm(), input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, key: plan!.frames.key, kind: 'begin' });
    await pools.until({ storyId, kind: 'end', stage: 'measure' }, 2);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(pools.count({ storyId, kind: 'cancelled' })).toBe(1);
    release();
    const again = await startCampaign(farm(), input);
    await again.result();
    expect(await again.query(campaignStatus)).toMatchObject({ state: 'done', measured: 3, cached: 2 });
  });
});
