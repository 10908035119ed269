import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { planStory } from '../../story/plan/plan-story.ts';
import { jsonBytes } from '../../story/plan/story-size.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { StoryInput } from '../../workflows/contracts.ts';
import { outline, recipe, status } from '../../workflows/messages.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { openFarm, patienceMs, type Farm } from '../fakes/farm.ts';

/** A story near the limits of `validate`, on a server with the limits of every Temporal server. */

jest.setTimeout(patienceMs * 3);
let farm: Farm;
beforeAll(async () => {
  farm = await openFarm({ maxCachedWorkflows: 1000 });
});
afterAll(() => farm.close());

function story(title: string, numShots: number, shot: (index: number) => string): StoryInput {
  const shots = Array.from(
    { length: numShots },
    (_, index) => `  - { id: s${String(index)}, join: cut, ${shot(index)} }`,
  );
  const text = `title: ${title}\noutput: { width: 128, height: 72 }\nshots:\n${shots.join('\n')}\n`.replace(
    ', join: cut',
    '',
  );
  return { script: parseScript(text, { fileName: `${title}.yaml` }), models: exampleModels };
}

/** Starts a story whose base clips never end, waits until every shot is under way, and cancels it. */
async function startsWhole(input: StoryInput): Promise<void> {
  const { handle } = await farm.submit(input);
  farm.pools.hold({ storyId: handle.workflowId, stage: 'base' });
  const shots = input.script.shots.length;
  await farm.pools.until({ storyId: handle.workflowId, kind: 'begin', stage: 'base' }, Math.min(shots, 60));
  const begun = async (): Promise<number> =>
    (await handle.query(status)).items.filter(({ kind, childId }) => kind === 'shot' && childId !== null).length;
  while ((await begun()) < shots) await delay(100);
  const whole = planStory(input.script, input.models);
  expect(await handle.query(outline)).toMatchObject({ filmKey: whole.film.key, numFrames: whole.numFrames });
  const { script, models } = await handle.query(recipe);
  expect(planStory(script, models).film.key).toBe(whole.film.key);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
}

test('120 shots of Chinese prompts start and answer, though all children together are too large for one message', async () => {
  const words = (index: number): string => `${'红色的小船在日落时分向右驶过大海'.repeat(24)}${String(index)}`;
  const input = story(
    'cjk',
    120,
    (i) =>
      `prompts: { 0: ${words(i)}, 0.3: ${words(i)}a, 0.6: ${words(i)}b, 1: ${words(i)}c }, seconds: 15, freeinit: { iterations: 4 }`,
  );
  const { shots } = planStory(input.script, input.models);
  expect(jsonBytes(shots)).toBeGreaterThan(4 * 2 ** 20);
  await startsWhole(input);
});
