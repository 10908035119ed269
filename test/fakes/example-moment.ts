import { noPace } from '../../client/pace.ts';
import type { StoryAnswer } from '../../serve/answers.ts';
import { storyAnswer } from '../../serve/story-answer.ts';
import type { StoryMoment } from '../../serve/story-moment.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { exampleModels } from './example-models.ts';
import { exampleSnapshot } from './example-snapshot.ts';

/** The moment of the example story of `example-snapshot.ts`, with some of it replaced. */
export function exampleMoment(change: Partial<StoryMoment> = {}): StoryMoment {
  const script = parseScript(
    'title: The lighthouse\nshots:\n  - { id: dawn, prompt: a red boat, seed: 3 }\n  - { id: storm, prompt: a white house, seed: 4 }\n',
    { fileName: 'story.yaml' },
  );
  return {
    id: 'story-lighthouse-0123456789ab',
    runId: 'run-1',
    workflow: 'RUNNING',
    startMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    endMs: null,
    snapshot: exampleSnapshot(),
    script,
    plan: planStory(script, exampleModels),
    film: null,
    failure: null,
    remainingMs: 12_400,
    pace: noPace,
    expected: {},
    ...change,
  };
}

/** How it is answered. */
export const exampleAnswer = (change: Partial<StoryMoment> = {}): StoryAnswer =>
  storyAnswer(exampleMoment(change), null);
