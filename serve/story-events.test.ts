import { expect, test } from '@jest/globals';
import type { StoryAnswer } from './answers.ts';
import { exampleAnswer } from '../test/fakes/example-moment.ts';
import { changesBetween, headOf } from './story-events.ts';

const story = exampleAnswer();
const withState = (name: string, fraction: number): StoryAnswer => ({
  ...story,
  items: story.items.map((item) => (item.name === name ? { ...item, fraction } : item)),
});

test('nothing changed, nothing is told', () => {
  expect(changesBetween(story, exampleAnswer())).toEqual([]);
});

test('an item that changed is told alone', () => {
  const after = withState('shot dawn', 0.75);
  expect(changesBetween(story, after)).toEqual([{ event: 'item', data: after.items[0] }]);
});

test('what is said of the story as a whole is told without its items', () => {
  const after = { ...story, state: 'paused' as const };
  expect(changesBetween(story, after)).toEqual([{ event: 'story', data: headOf(after) }]);
  expect(headOf(after)).not.toHaveProperty('items');
});

test('an item that went makes a new snapshot', () => {
  const after = { ...story, items: story.items.slice(1) };
  expect(changesBetween(story, after)).toEqual([{ event: 'snapshot', data: after }]);
});
