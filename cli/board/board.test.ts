import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { boardState } from '../../client/board-state.ts';
import type { BoardState } from '../../client/board-state.ts';
import { renderBoard } from './board.ts';
import { exampleActivity, exampleItem, exampleSnapshot, exampleStatus } from '../../test/fakes/example-snapshot.ts';

const time = { elapsedMs: 62_000, remainingMs: 130_000 };
const example = (): BoardState => boardState(exampleSnapshot(), time);

describe('the board', () => {
  test('shows every shot and join with a bar per pool', () => {
    expect(renderBoard(example(), { columns: 80, rows: 24, colour: false })).toEqual([
      'The lighthouse  story-lighthouse-0123456789ab',
      '                 clip                 interp               segments',
      'shot dawn        ███████████ cached   ███████████ done     █████░░░░░░ 50%',
      'join dawn+storm  █████░░░░░░ 12/25    ░░░░░░░░░░░          ░░░░░░░░░░░',
      'shot storm       ███████████ done     ░░░░░░░░░░░ queued   ░░░░░░░░░░░',
      'film             ░░░░░░░░░░░',
      '4/14 tasks (1 cached) · 1:02 elapsed · about 2 min left',
    ]);
  });

  test('gives up the notes before the bars when it is narrow', () => {
    expect(renderBoard(example(), { columns: 40, rows: 24, colour: false })).toEqual([
      'The lighthouse  story-lighthouse-01234…',
      '               clip    interp  segme…',
      'shot dawn      ██████  ██████  ███░░░',
      'join dawn+st…  ██░░░░  ░░░░░░  ░░░░░░',
      'shot storm     ██████  ░░░░░░  ░░░░░░',
      'film           ░░░░░░',
      '4/14 tasks (1 cached) · 1:02 elapsed ·…',
    ]);
  });

  test('is never wider than the terminal', () => {
    const wide = boardState(exampleSnapshot({ title: '灯台の物語'.repeat(20) }), time);
    for (const columns of [20, 33, 47, 59, 80, 132, 200]) {
      for (const line of renderBoard(wide, { columns, rows: 24, colour: false })) {
        expect(stringWidth(line)).toBeLessThan(columns);
      }
    }
  });

  test('shows what others wrote without what it hides, and as wide as it is', () => {
    const evil = 'a\u001b[2J\u009b31m\u202eb\u200b\n';
    const items = [exampleItem(evil, ['base', 'running', 0, 1]), exampleItem('film', ['film', 'waiting', 0, 1])];
    const status = exampleStatus({ title: evil, storyId: evil, items });
    const activities = new Map([[evil, [exampleActivity({ work: 'base', attempt: 2, lastFailure: evil })]]]);
    const state = boardState({ status, activities }, time);
    for (const columns of [20, 59, 132]) {
      for (const line of renderBoard(state, { columns, rows: 24, colour: true })) {
        expect(stringWidth(line)).toBeLessThan(columns);
        expect(line.replace(/\u001b\[\d\d?m/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }
    const [title] = renderBoard(state, { columns: 132, rows: 24, colour: false });
    expect(title).toContain('a\\u001b[2J\\u009b31m\\u202eb\\u200b\\u000a');
  });

  test('is never higher than the terminal, and keeps what runs in sight', () => {
    const idle = (id: string) => exampleItem(`shot ${id}`, ['base', 'waiting', 0, 1]);
    const done = (id: string) => exampleItem(`shot ${id}`, ['base', 'done', 1, 1]);
    const items = [
      ...['a', 'b', 'c', 'd', 'e'].map(done),
      exampleItem('shot now', ['base', 'running', 0, 1]),
      ...['f', 'g', 'h', 'i', 'j'].map(idle),
      exampleItem('film', ['film', 'waiting', 0, 1]),
    ];
    const state = boardState({ status: exampleStatus({ items }), activities: new Map() }, time);
    const lines = renderBoard(state, { columns: 80, rows: 12, colour: false });
    expect(lines.length).toBeLessThan(12);
    expect(lines.some((line) => line.startsWith('shot now'))).toBe(true);
    expect(lines).toContain('… and 5 finished, 2 waiting');
  });

  test('says why something is tried again', () => {
    const failing = exampleActivity({
      work: 'interp',
      started: false,
      attempt: 2,
      lastFailure: 'S3 does not answer\nat x',
    });
    const state = boardState({ status: exampleStatus(), activities: new Map([['shot storm', [failing]]]) }, time);
    expect(renderBoard(state, { columns: 80, rows: 24, colour: false })).toContain(
      '! shot storm, interp: attempt 2: S3 does not answer',
    );
  });

  test('colours only when asked to', () => {
    const plain = renderBoard(example(), { columns: 80, rows: 24, colour: false }).join('');
    const coloured = renderBoard(example(), { columns: 80, rows: 24, colour: true }).join('');
    expect(plain).not.toContain('\u001B');
    expect(coloured).toContain('\u001B[36m');
  });

  test('a paused story has no time left to tell', () => {
    const state = boardState(exampleSnapshot({ state: 'paused' }), time);
    expect(renderBoard(state, { columns: 80, rows: 24, colour: false }).at(-1)).toBe(
      '4/14 tasks (1 cached) · 1:02 elapsed · paused',
    );
  });
});
