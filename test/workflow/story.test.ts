import { describe, expect, test } from '@jest/globals';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { film, outline, recipe, record as recordQuery, script, status } from '../../workflows/messages.ts';
import { storySearchAttributes } from '../../workflows/search-attributes.ts';
import { freshStory, openFarm } from '../fakes/farm.ts';
import { payloadSizes } from '../fakes/history.ts';
import { describeFarm } from './describe-farm.ts';

describeFarm('a story', (farm) => {
  test('is made without barriers between its stages', async () => {
    const { pools } = farm();
    const input = freshStory(3);
    const releaseLastBase = pools.hold({ item: 'shot shot-2', stage: 'base' });
    const { handle, receipt } = await farm().submit(input);
    const storyId = handle.workflowId;

    // While the last shot is in base, the first is finished and the first join is through all its stages.
    await pools.until({ storyId, kind: 'end', item: 'shot shot-0', stage: 'segment' }, 3);
    await pools.until({ storyId, kind: 'end', item: 'join shot-0+shot-1', stage: 'segment' }, 3);
    expect(pools.count({ storyId, item: 'join shot-1+shot-2' })).toBe(0);
    const midway = await handle.query(status);
    expect(midway.state).toBe('running');
    expect(midway.items.find(({ item }) => item === 'shot shot-2')?.stages[0]).toMatchObject({
      state: 'running',
      done: 0,
    });
    releaseLastBase();

    const result = await handle.result();
    expect(result).toMatchObject({ storyId, title: input.script.title, frames: receipt.frames, cacheHits: 0 });
    const { numFrames, film } = planMadeStory(input.script, input.models);
    expect(result.frames).toBe(numFrames);
    expect(receipt).toEqual({ storyId, frames: numFrames, seconds: numFrames / 24, tasks: 26, shots: 3, joins: 2 });

    // Each task ran once: nothing was asked for before its inputs existed, for then the fakes would have missed them.
    expect(pools.count({ storyId, kind: 'end' })).toBe(26 + 1);
    expect(pools.count({ storyId, kind: 'begin' })).toBe(26 + 1);
    expect(pools.at({ storyId, stage: 'film', kind: 'begin' })).toBeGreaterThan(
      pools.events.findLastIndex((event) => event.storyId === storyId && event.stage === 'segment'),
    );
    expect(pools.publishRequests.at(-1)?.runs.map((run) => run.result.artifact.key)).toContain(film.key);
  });

  test('begins a join when the base clips exist, not when its neighbours are interpolated', async () => {
    const { pools } = farm();
    const input = freshStory(2);
    const keys = planMadeStory(input.script, input.models).shots.map((shot) => shot.interp.key);
    const releases = keys.map((key) => pools.hold({ key }));
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'end', item: 'join shot-0+shot-1', stage: 'segment' }, 3);
    expect(pools.count({ storyId, kind: 'end', item: 'shot shot-0', stage: 'interp' })).toBe(0);
    for (const release of releases) release();
    await handle.result();
  });

  test('begins a shot that continues another when its clip exists, and so through a whole chain', async () => {
    const { pools } = farm();
    const input = freshStory(3, { kind: 'continue', known: 4 });
    const interps = planMadeStory(input.script, input.models).shots.map((shot) => shot.interp.key);
    const releases = interps.slice(0, 2).map((key) => pools.hold({ key }));
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'end', item: 'shot shot-2', stage: 'segment' }, 2);
    expect(pools.count({ storyId, kind: 'end', stage: 'interp' })).toBe(1);
    expect(pools.count({ storyId, kind: 'begin', stage: 'base' })).toBe(1);
    expect(pools.count({ storyId, kind: 'end', stage: 'completion' })).toBe(2);
    for (const release of releases) release();
    await handle.result();
  });

  test('makes the clip that a continued shot rests on again when it was lost', async () => {
    const { pools } = farm();
    const input = freshStory(2, { kind: 'continue', known: 4 });
    const [first, second] = planMadeStory(input.script, input.models).shots;
    const release = pools.hold({ key: second!.base.key });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'completion' });
    pools.fail({ key: second!.base.key }, 'RESOURCE_ENGINE');
    pools.corrupt(first!.base.key);
    release();
    await handle.result();
    expect(pools.count({ storyId, kind: 'end', key: first!.base.key })).toBe(2);
  });

  test('makes the iterations of FreeInit one after the other, and a lost one again', async () => {
    const { pools } = farm();
    const plain = freshStory(1);
    const shots = plain.script.shots.map((shot) => ({ ...shot, sampling: { ...shot.sampling, freeinit: true } }));
    const input = { ...plain, script: { ...plain.script, shots } };
    const { base, earlier } = planMadeStory(input.script, input.models).shots[0]!;
    const [first, second] = earlier!;
    const release = pools.hold({ key: base.key });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', key: base.key });
    expect(pools.count({ storyId, kind: 'end', stage: 'base' })).toBe(2);
    pools.fail({ key: base.key }, 'RESOURCE_ENGINE');
    pools.corrupt(second!.key);
    release();
    await handle.result();
    expect(pools.count({ storyId, kind: 'end', key: first!.key })).toBe(1);
    expect(pools.count({ storyId, kind: 'end', key: second!.key })).toBe(2);
  });

  test('begins a dissolve when both interpolated clips exist', async () => {
    const { pools } = farm();
    const input = freshStory(2, { kind: 'dissolve' });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await handle.result();
    for (const item of ['shot shot-0', 'shot shot-1']) {
      expect(pools.at({ storyId, stage: 'dissolve', kind: 'begin' })).toBeGreaterThan(
        pools.at({ storyId, stage: 'interp', kind: 'end', item }),
      );
    }
    expect(pools.count({ storyId, kind: 'begin', stage: 'dissolve' })).toBe(1);
  });

  test('is one run for two clients who submit it at once', async () => {
    const input = freshStory(2);
    const release = farm().pools.hold({ item: 'shot shot-0', stage: 'base' });
    const [one, two] = await Promise.all([farm().submit(input), farm().submit(input)]);
    expect(one.receipt).toEqual(two.receipt);
    release();
    const [first, second] = await Promise.all([one.handle.result(), two.handle.result()]);
    expect(first).toEqual(second);
    const storyId = one.handle.workflowId;
    expect(farm().pools.count({ storyId, kind: 'begin', stage: 'base' })).toBe(2);
  });

  test('refuses another script under its id', async () => {
    const release = farm().pools.hold({ item: 'shot shot-0', stage: 'base' });
    const { handle } = await farm().submit(freshStory(1));
    await expect(farm().submit(freshStory(1), handle.workflowId)).rejects.toMatchObject({
      cause: { type: 'SCRIPT_INVALID', message: expect.stringContaining('renders another script') as unknown },
    });
    release();
    await handle.result();
  });

  test('submitted again finds every artifact', async () => {
    const input = freshStory(2);
    const first = await farm().submit(input);
    await first.handle.result();
    const second = await farm().submit(input);
    const result = await second.handle.result();
    expect(second.handle.workflowId).toBe(first.handle.workflowId);
    expect(result).toMatchObject({ cacheHits: 16, computed: 0 });
    const { items } = await second.handle.query(status);
    expect(items.flatMap(({ stages }) => stages.map(({ state }) => state))).not.toContain('done');
  });

  test('answers queries after its end', async () => {
    const input = freshStory(2);
    const { handle } = await farm().submit(input);
    const result = await handle.result();
    expect(await handle.query(status)).toMatchObject({ state: 'done', tasksDone: 16, tasksOf: 16, failure: null });
    const { script: asked, models } = await handle.query(recipe);
    const whole = planMadeStory(asked, models);
    expect(whole).toEqual(planMadeStory(input.script, input.models));
    expect(await handle.query(outline)).toMatchObject({ filmKey: whole.film.key, timeline: whole.timeline });
    expect(await handle.query(script)).toEqual(input.script);
    expect(await handle.query(film)).toEqual(result);
    const record = await handle.query(recordQuery);
    expect(record.runs).toHaveLength(16);
    expect(record.models).toEqual(input.models);
  });

  test('tells the Temporal UI who it is and how far', async () => {
    const input = { ...freshStory(2), indexed: true };
    const { handle } = await farm().submit(input);
    await handle.result();
    const { memo, typedSearchAttributes } = await handle.describe();
    expect(memo).toMatchObject({ title: input.script.title, film: '3840x2160, 24 fps, 181 frames, 7.5 s' });
    const { state, shots, shotsDone } = storySearchAttributes;
    const attributes = [
      typedSearchAttributes.get(state),
      typedSearchAttributes.get(shots),
      typedSearchAttributes.get(shotsDone),
    ];
    expect(attributes).toEqual(['done', 2, 2]);
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('**done**: 16 of 16 tasks');
    expect(currentDetails).toContain('| join shot-0+shot-1 | ✓ | ✓ | ✓ 3/3 |');
  });

  test('leaves search attributes alone unless the client has seen that the namespace knows them', async () => {
    const { handle } = await farm().submit(freshStory(1));
    await handle.result();
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(storySearchAttributes.state)).toBeUndefined();
  });
});

describe('the histories of a story of 13 shots', () => {
  test('hold small payloads only', async () => {
    const farm = await openFarm({ maxCachedWorkflows: 100 });
    const { handle } = await farm.submit(freshStory(13));
    await handle.result();
    const { items } = await handle.query(status);
    const children = items.flatMap(({ childId }) => (childId === null ? [] : [childId]));
    expect(children).toHaveLength(25);
    for (const workflowId of [handle.workflowId, ...children]) {
      const history = await farm.client.workflow.getHandle(workflowId).fetchHistory();
      const isStory = workflowId === handle.workflowId;
      // One history event per child and change of stage; the server starts to warn at 10,240.
      expect(history.events?.length).toBeLessThan(isStory ? 800 : 100);
      for (const { event, bytes } of payloadSizes(history)) {
        // `publishFilm` alone gets the cost of all 126 tasks: once per story, about 400 bytes each.
        const limit = (event === 'publishFilm' ? 4 : 1) * 16 * 1024;
        if (bytes > limit) throw new Error(`Event ${event} of ${workflowId} carries ${bytes} bytes; at most ${limit}`);
      }
    }
    await farm.close();
  });
});
