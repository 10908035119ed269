import { expect, test } from '@jest/globals';
import { planStory } from '../../story/plan/plan-story.ts';
import { editShot, reroll, script, status } from '../../workflows/messages.ts';
import { freshStory } from '../fakes/farm.ts';
import { describeFarm } from './describe-farm.ts';

describeFarm('a running story', (farm) => {
  test('makes only a rerolled shot and its two joins again', async () => {
    const { pools } = farm();
    // All is done but the last shot's clip.
    const release = pools.hold({ item: 'shot shot-3', stage: 'interp' });
    const input = freshStory(4);
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'end', item: 'shot shot-0', stage: 'segment' }, 3);
    await pools.until({ storyId, kind: 'end', item: 'shot shot-1', stage: 'segment' }, 3);
    await pools.until({ storyId, kind: 'end', item: 'join shot-0+shot-1', stage: 'segment' }, 3);
    await pools.until({ storyId, kind: 'begin', item: 'shot shot-3', stage: 'interp' });

    const receipt = await handle.executeUpdate(reroll, { args: [{ shot: 'shot-1' }] });
    const remade = ['shot shot-1', 'join shot-0+shot-1', 'join shot-1+shot-2'];
    expect(receipt).toMatchObject({ shot: 'shot-1', seed: 2, remade });
    release();
    const result = await handle.result();

    for (const item of remade.slice(0, 2)) expect(pools.count({ storyId, kind: 'end', item })).toBe(2 * 5);
    for (const item of ['shot shot-0', 'shot shot-2', 'shot shot-3', 'join shot-2+shot-3']) {
      expect(pools.count({ storyId, kind: 'end', item })).toBe(5);
    }
    expect(pools.count({ storyId, item: 'film', kind: 'end', stage: 'film' })).toBe(1);
    const edited = await handle.query(script);
    expect(edited.shots[1]?.sampling.seed).toBe(2);
    expect(result.filmKey).toContain(planStory(edited, input.models).film.key);
  });

  test('drops work of a shot that gets other words before it begins anew, and leaves the others alone (J1, J2)', async () => {
    const { pools } = farm();
    const releases = ['shot shot-0', 'shot shot-1'].map((item) => pools.hold({ item, stage: 'base' }));
    const input = freshStory(2);
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'base' }, 2);
    const prompt = 'a blue ball on the right';
    await handle.executeUpdate(editShot, { args: [{ shot: 'shot-0', prompt }] });
    await pools.until({ storyId, kind: 'cancelled', item: 'shot shot-0', stage: 'base' });
    await pools.until({ storyId, kind: 'begin', item: 'shot shot-0', stage: 'base' }, 2);
    const ofShot = pools.events.filter((event) => event.storyId === storyId && event.item === 'shot shot-0');
    expect(ofShot.map(({ kind }) => kind)).toEqual(['begin', 'cancelled', 'begin']);
    for (const release of releases) release();
    await handle.result();
    expect(pools.count({ storyId, kind: 'cancelled' })).toBe(1);
    expect(pools.count({ storyId, kind: 'begin', item: 'shot shot-1', stage: 'base' })).toBe(1);
    expect((await handle.query(script)).shots[0]?.prompt).toBe(prompt);
  });

  test('takes an edit while the film is stitched, and publishes the edited film only', async () => {
    const { pools } = farm();
    const input = freshStory(2);
    const oldFilm = planStory(input.script, input.models).film.key;
    const release = pools.hold({ key: oldFilm });
    const { handle } = await farm().submit(input);
    const storyId = handle.workflowId;
    await pools.until({ storyId, kind: 'begin', stage: 'film' });
    expect((await handle.query(status)).state).toBe('stitching');
    await handle.executeUpdate(reroll, { args: [{ shot: 'shot-1', seed: 77 }] });
    await pools.until({ storyId, kind: 'cancelled', stage: 'film' });
    const result = await handle.result();
    release();
    expect(result.filmKey).not.toContain(oldFilm);
    expect(pools.count({ storyId, kind: 'end', stage: 'publish' })).toBe(1);
  });

  test('refuses changes that make no sense, and is none the worse', async () => {
    const { pools } = farm();
    const release = pools.hold({ item: 'shot shot-0', stage: 'base' });
    const { handle } = await farm().submit(freshStory(1));
    const refused = (message: string) => ({
      cause: { type: 'SCRIPT_INVALID', message: expect.stringContaining(message) as unknown },
    });
    const change = (update: typeof reroll, args: [{ shot: string; seed?: number }]) =>
      handle.executeUpdate(update, { args });
    await expect(change(reroll, [{ shot: 'nowhere' }])).rejects.toMatchObject(refused('one of shot-0'));
    await expect(change(reroll, [{ shot: 'shot-0', seed: -1 }])).rejects.toMatchObject(refused('seed is -1'));
    await expect(handle.executeUpdate(editShot, { args: [{ shot: 'shot-0', prompt: ' ' }] })).rejects.toMatchObject(
      refused('1 to 400'),
    );
    release();
    await handle.result();
    expect(pools.count({ storyId: handle.workflowId, kind: 'end', stage: 'base' })).toBe(1);
  });
});
