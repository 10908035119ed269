import { expect, test } from '@jest/globals';
import { status } from '../../workflows/messages.ts';
import { gatedStory } from '../fakes/fresh-campaign.ts';
import { describeFarm } from './describe-farm.ts';

describeFarm('a gated shot', (farm) => {
  test('is made again with the next seed until it passes, and only then goes on, with its join', async () => {
    const { pools, campaigns } = farm();
    const input = gatedStory(2);
    const [first] = input.script.shots;
    campaigns.scores.set(first!.prompt, [{ subject_consistency: 0.7 }, { subject_consistency: 0.95 }]);
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await handle.result();

    expect(pools.count({ storyId, kind: 'begin', item: 'shot shot-0', stage: 'base' })).toBe(2);
    expect(pools.count({ storyId, kind: 'begin', item: 'shot shot-0', stage: 'measure' })).toBe(2);
    expect(pools.count({ storyId, kind: 'begin', item: 'shot shot-1', stage: 'measure' })).toBe(0);
    // The join rests on the take that was decided for: it began after the second measure, and was made once.
    const measured = pools.events.findLastIndex((event) => event.storyId === storyId && event.stage === 'measure');
    expect(pools.at({ storyId, kind: 'begin', stage: 'transition' })).toBeGreaterThan(measured);
    expect(pools.count({ storyId, kind: 'begin', stage: 'transition' })).toBe(1);

    const request = pools.publishRequests.at(-1)!;
    expect(request.script.shots[0]!.sampling.seed).toBe(first!.sampling.seed + 1);
    expect(request.gates).toMatchObject([
      { shot: 'shot-0', passed: true, seed: first!.sampling.seed + 1, takes: [{ passed: false }, { passed: true }] },
    ]);
    expect((await handle.query(status)).gates).toHaveLength(1);
  });

  test('keeps the best take when none passes, and no more takes than it may', async () => {
    const { pools, campaigns } = farm();
    const input = gatedStory(1);
    const [first] = input.script.shots;
    campaigns.scores.set(first!.prompt, [
      { subject_consistency: 0.5 },
      { subject_consistency: 0.8 },
      { subject_consistency: 0.6 },
    ]);
    const { handle } = await farm().submit(input);
    await handle.result();
    const { workflowId: storyId } = handle;
    expect(pools.count({ storyId, kind: 'begin', stage: 'measure' })).toBe(3);
    expect(pools.publishRequests.at(-1)!.gates).toMatchObject([
      { passed: false, seed: first!.sampling.seed + 1, takes: [{}, {}, {}] },
    ]);
  });

  test('passes what nobody can measure, and says so', async () => {
    const { pools, campaigns } = farm();
    const input = gatedStory(1);
    campaigns.scores.set(input.script.shots[0]!.prompt, [{}]);
    const { handle } = await farm().submit(input);
    await handle.result();
    expect(pools.publishRequests.at(-1)!.gates).toMatchObject([
      { passed: true, unmeasured: ['subject_consistency'], takes: [{}] },
    ]);
  });
});
