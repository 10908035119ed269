import { expect, test } from '@jest/globals';
import type { ListedStory } from '../client/story-list.ts';
import { pageOf } from './list-page.ts';

const stories = ['e', 'd', 'c', 'b', 'a'].map((workflowId): ListedStory => ({
  workflowId,
  title: workflowId,
  state: 'done',
  shots: 3,
  shotsDone: 3,
  elapsedSeconds: 9,
  started: '2026-01-02T03:04:05.000Z',
}));
const list = (limit: number): Promise<ListedStory[]> => Promise.resolve(stories.slice(0, limit));
const ids = async (query: { limit: number; after?: string }) => {
  const page = await pageOf(list, query);
  return [page.data.map(({ id }) => id).join(''), page.has_more];
};

test('pages follow each other until there is no more', async () => {
  expect(await ids({ limit: 2 })).toEqual(['ed', true]);
  expect(await ids({ limit: 2, after: 'd' })).toEqual(['cb', true]);
  expect(await ids({ limit: 2, after: 'b' })).toEqual(['a', false]);
  expect(await ids({ limit: 2, after: 'a' })).toEqual(['', false]);
  expect(await ids({ limit: 5 })).toEqual(['edcba', false]);
});

test('a cursor that is no story is told as such', async () => {
  await expect(pageOf(list, { limit: 2, after: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
