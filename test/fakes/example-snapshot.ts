import type { StageName } from '../../story/plan/task.ts';
import type { ItemStatus, StageState, StoryStatus } from '../../workflows/contracts.ts';
import type { LiveActivity, StorySnapshot } from '../../client/story-snapshot.ts';

/** A story for tests: one shot that is done, one that is at work, the join between them, and the film to come. */

type Stage = readonly [stage: StageName, state: StageState, done: number, of: number];

/** An item of a status. */
export function exampleItem(item: string, ...stages: readonly Stage[]): ItemStatus {
  const kind = item.startsWith('shot ') ? 'shot' : item.startsWith('join ') ? 'join' : 'film';
  return {
    item,
    kind,
    stages: stages.map(([stage, state, done, of]) => ({ stage, state, done, of })),
    childId: kind === 'film' ? null : `story-lighthouse-0123456789ab/${item.slice(5)}-01234567`,
  };
}

/** The status of the example story, with some of it replaced. */
export function exampleStatus(change: Partial<StoryStatus> = {}): StoryStatus {
  return {
    storyId: 'story-lighthouse-0123456789ab',
    title: 'The lighthouse',
    state: 'running',
    items: [
      exampleItem('shot dawn', ['base', 'cached', 1, 1], ['interp', 'done', 1, 1], ['segment', 'running', 1, 3]),
      exampleItem(
        'join dawn+storm',
        ['transition', 'running', 0, 1],
        ['interp', 'waiting', 0, 1],
        ['segment', 'waiting', 0, 1],
      ),
      exampleItem('shot storm', ['base', 'done', 1, 1], ['interp', 'running', 0, 1], ['segment', 'waiting', 0, 3]),
      exampleItem('film', ['film', 'waiting', 0, 1]),
    ],
    tasksDone: 4,
    tasksOf: 14,
    cacheHits: 1,
    failure: null,
    ...change,
  };
}

/** A pending activity with some of it replaced. */
export function exampleActivity(change: Partial<LiveActivity> & Pick<LiveActivity, 'work'>): LiveActivity {
  return { queue: 'farm-base', started: true, attempt: 1, progress: null, lastFailure: null, ...change };
}

/** The example story with two activities at work and one in a queue. */
export function exampleSnapshot(change: Partial<StoryStatus> = {}): StorySnapshot {
  return {
    status: exampleStatus(change),
    activities: new Map([
      ['shot dawn', [exampleActivity({ work: 'segment', progress: { unit: 'frame', done: 8, of: 16 } })]],
      ['join dawn+storm', [exampleActivity({ work: 'transition', progress: { unit: 'step', done: 12, of: 25 } })]],
      ['shot storm', [exampleActivity({ work: 'interp', started: false })]],
    ]),
  };
}
