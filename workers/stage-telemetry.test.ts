import { expect, test } from '@jest/globals';
import { exampleModels } from '../story/example-models.ts';
import { exampleJoin, exampleStory } from '../story/example-story.ts';
import { planMeasure } from '../story/plan-measure.ts';
import { planStory, tasksOf } from '../story/plan-story.ts';
import { framesOf, stageLabels } from './stage-telemetry.ts';

const plan = planStory(exampleStory([exampleJoin]), exampleModels);

test('the segments of a story make as many frames as its film has', () => {
  const segments = tasksOf(plan).filter(({ task }) => task.stage === 'segment');
  expect(segments.reduce((sum, { task }) => sum + framesOf(task), 0)).toBe(plan.numFrames);
  expect(framesOf(plan.film)).toBe(plan.numFrames);
});

test('a measure makes no frames', () => {
  const { interp, prompt } = plan.shots[0]!;
  expect(framesOf(planMeasure(interp, prompt, 24, exampleModels))).toBe(0);
});

test('a line of the log says of which story, item, stage and attempt it is', () => {
  const [first] = tasksOf(plan);
  const context = { storyId: 'story-x', item: first!.item };
  expect(stageLabels({ task: first!.task, context }, 2)).toEqual({
    story: 'story-x',
    item: 'shot shot-0',
    stage: 'base',
    attempt: 2,
  });
  expect(stageLabels(undefined, 1)).toEqual({ attempt: 1 });
});
