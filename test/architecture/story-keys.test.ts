import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ModelSetRef } from '../../story/models/model-set.ts';
import { interpolatedClip, keyClip, planMeasure } from '../../story/plan/plan-measure.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { GivenPicture, PictureRef, Shot, StoryScript } from '../../story/script/script.ts';

/**
 * The plans of every example, and of a script that says all else, as commit 9d2f4c5 made them. A key that
 * changes is an artifact that nobody finds again, so each change of one is a change of that stage's version.
 */
const recorded = JSON.parse(readFileSync(new URL('../goldens/story-keys.json', import.meta.url), 'utf8')) as {
  models: Record<string, ModelSetRef>;
  stories: {
    name: string;
    text: string;
    models: string;
    pictures: Record<string, string>;
    storyId: string;
    keys: [item: string, stage: string, key: string][];
  }[];
};

describe('stories that were rendered before find their artifacts', () => {
  test.each(recorded.stories)('$name', ({ name, text, models: set, pictures, storyId, keys }) => {
    const models = recorded.models[set]!;
    const keyed = <Given extends { readonly picture: PictureRef }>(given: Given): Given => ({
      ...given,
      picture: { ...given.picture, key: pictures[given.picture.source]! },
    });
    const script: StoryScript = parseScript(text, { fileName: name });
    const plan = planMadeStory(
      {
        ...script,
        shots: script.shots
          .map((shot) => asBefore(shot, script.output.fps))
          .map((shot) =>
            shot.pictures === undefined ? shot : { ...shot, pictures: shot.pictures.map(keyed<GivenPicture>) },
          ),
        ...(script.subjects !== undefined && { subjects: script.subjects.map(keyed) }),
      },
      models,
    );
    const [shot] = plan.shots;
    const measured = [
      planMeasure(interpolatedClip(shot!, 24), shot!.prompt, models),
      planMeasure(keyClip(shot!, 24, models), shot!.prompt, models),
      keyClip(shot!, 24, models).frames,
    ];
    expect(storyId).toMatch(new RegExp(`^story-${plan.slug}-`));
    expect([
      ...tasksOf(plan).map(({ item, task }) => [item, task.stage, task.key]),
      ...measured.map((task) => ['measured', task.stage, task.key]),
    ]).toEqual(keys);
  });
});

/**
 * A shot as commit 9d2f4c5 understood it: its seconds ended with the next key frame, a film showed each frame of a clip once, a
 * dissolve had 12 frames, and a seine join all that its clip has between its ends.
 */
function asBefore(shot: Shot, fps: number): Shot {
  const { seconds, join } = shot;
  const keys = seconds === undefined ? null : Math.ceil((Math.round(fps * seconds) - 1) / 4);
  return {
    ...shot,
    ...(keys === null ? {} : { seconds: (4 * keys + 1) / fps }),
    ...(fps === 24 ? {} : { speed: fps / 24 }),
    ...(join?.kind === 'dissolve' ? { join: { ...join, seconds: 12 / fps } } : {}),
    ...(join?.kind === 'seine' ? { join: { ...join, seconds: (61 - 2 * (4 * join.known - 3)) / fps } } : {}),
  };
}
