import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from '@jest/globals';
import { exampleItem, exampleStatus } from '../test/fakes/example-snapshot.ts';
import { liveActivities, workingItems } from './progress-source.ts';

type Described = Parameters<typeof liveActivities>[0];

const describing = (pendingActivities: unknown[]): Described =>
  ({ raw: { pendingActivities } }) as unknown as Described;

test('asks only the children that are at work, and the story itself for its film', () => {
  const items = [...exampleStatus().items.slice(0, 3), exampleItem('film', ['film', 'running', 0, 1])];
  expect(workingItems(exampleStatus({ items }))).toEqual([
    { item: 'shot dawn', workflowId: 'story-lighthouse-0123456789ab/dawn-01234567' },
    { item: 'join dawn+storm', workflowId: 'story-lighthouse-0123456789ab/dawn+storm-01234567' },
    { item: 'shot storm', workflowId: 'story-lighthouse-0123456789ab/storm-01234567' },
    { item: 'film', workflowId: 'story-lighthouse-0123456789ab' },
  ]);
});

test('reads steps, attempts and failures from pending activities', () => {
  const progress = { unit: 'step', done: 12, of: 25 };
  const pending = {
    activityType: { name: 'generateBaseClip' },
    state: 2,
    attempt: 3,
    heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(progress)] },
    lastFailure: { message: 'the engine died' },
    activityOptions: { taskQueue: { name: 'farm-base' } },
  };
  expect(liveActivities(describing([pending]))).toEqual([
    { work: 'base', queue: 'farm-base', started: true, attempt: 3, progress, lastFailure: 'the engine died' },
  ]);
});

test('takes nothing for progress that does not look like it', () => {
  const strange = {
    activityType: { name: 'enhanceSegment' },
    state: 1,
    heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload('halfway')] },
  };
  expect(liveActivities(describing([strange, { activityType: { name: 'somethingElse' } }]))).toEqual([
    { work: 'segment', queue: '', started: false, attempt: 1, progress: null, lastFailure: null },
  ]);
});
