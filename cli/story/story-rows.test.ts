import { TypedSearchAttributes } from '@temporalio/common';
import { expect, test } from '@jest/globals';
import { storySearchAttributes } from '../../workflows/search-attributes.ts';
import { listedStory } from '../../client/story-list.ts';
import { storyRow } from './story-rows.ts';

const startTime = new Date('2026-01-02T03:04:05Z');
const attributes = new TypedSearchAttributes([
  { key: storySearchAttributes.title, value: 'The lighthouse' },
  { key: storySearchAttributes.state, value: 'paused' },
  { key: storySearchAttributes.shots, value: 3 },
  { key: storySearchAttributes.shotsDone, value: 1 },
]);

test('a running story tells its state itself', () => {
  const info = {
    workflowId: 'story-a',
    status: { name: 'RUNNING' as const },
    startTime,
    typedSearchAttributes: attributes,
  };
  const story = listedStory(info, startTime.getTime() + 65_000);
  expect(storyRow(story)).toEqual(['story-a', 'The lighthouse', 'paused', '1/3', '2026-01-02 03:04', '1:05']);
});

test('a terminated story could not say so, the server does', () => {
  const info = {
    workflowId: 'story-a',
    status: { name: 'TERMINATED' as const },
    startTime,
    closeTime: new Date(startTime.getTime() + 5000),
    typedSearchAttributes: attributes,
  };
  expect(listedStory(info, Date.now())).toMatchObject({ state: 'terminated', elapsedSeconds: 5 });
});

test('a server without our search attributes still lists stories', () => {
  const info = {
    workflowId: 'story-a',
    status: { name: 'COMPLETED' as const },
    startTime,
    typedSearchAttributes: new TypedSearchAttributes([]),
  };
  expect(storyRow(listedStory(info, startTime.getTime()))).toEqual([
    'story-a',
    '',
    'done',
    '',
    '2026-01-02 03:04',
    '0:00',
  ]);
});
