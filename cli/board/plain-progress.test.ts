import { expect, test } from '@jest/globals';
import { exampleActivity, exampleItem, exampleSnapshot, exampleStatus } from '../../test/fakes/example-snapshot.ts';
import { progressLines } from './plain-progress.ts';

test('the first look tells where the story stands', () => {
  expect(progressLines(null, exampleSnapshot(), 5000)).toEqual([
    '[0:05] 4/14 shot dawn: base cached',
    '[0:05] 4/14 shot dawn: interp done',
    '[0:05] 4/14 shot dawn: segment running',
    '[0:05] 4/14 join dawn+storm: transition running',
    '[0:05] 4/14 shot storm: base done',
    '[0:05] 4/14 shot storm: interp running',
  ]);
});

test('says nothing when nothing changed, whatever the heartbeats say', () => {
  const moved = {
    status: exampleStatus(),
    activities: new Map([
      [
        'shot dawn',
        [exampleActivity({ work: 'segment' as const, progress: { unit: 'frame' as const, done: 9, of: 16 } })],
      ],
    ]),
  };
  expect(progressLines(exampleSnapshot(), moved, 6000)).toEqual([]);
});

test('says each change once', () => {
  const items = [
    exampleItem('shot dawn', ['base', 'cached', 1, 1], ['interp', 'done', 1, 1], ['segment', 'running', 2, 3]),
    ...exampleStatus().items.slice(1, -1),
    exampleItem('film', ['film', 'running', 0, 1]),
  ];
  const after = { ...exampleSnapshot({ items, state: 'stitching', tasksDone: 5 }) };
  expect(progressLines(exampleSnapshot(), after, 3_725_000)).toEqual([
    '[1:02:05] 5/14 shot dawn: segment 2 of 3',
    '[1:02:05] 5/14 film: film running',
    '[1:02:05] 5/14 story stitching',
  ]);
});

test('a re-rolled shot waits again', () => {
  const items = [exampleItem('shot dawn', ['base', 'waiting', 0, 1])];
  expect(progressLines(exampleSnapshot(), { ...exampleSnapshot({ items }), activities: new Map() }, 0)).toEqual([
    '[0:00] 4/14 shot dawn: base waits again',
  ]);
});

test('says once why a stage is tried again', () => {
  const failing = [exampleActivity({ work: 'interp', attempt: 2, lastFailure: 'S3 does not answer' })];
  const after = { status: exampleStatus(), activities: new Map([['shot storm', failing]]) };
  expect(progressLines(exampleSnapshot(), after, 0)).toEqual([
    '[0:00] 4/14 shot storm, interp: attempt 2: S3 does not answer',
  ]);
  expect(progressLines(after, after, 0)).toEqual([]);
});
