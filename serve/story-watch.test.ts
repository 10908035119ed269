import { describe, expect, test } from '@jest/globals';
import { exampleMoment } from '../test/fakes/example-moment.ts';
import { exampleStatus } from '../test/fakes/example-snapshot.ts';
import { storyAnswer } from './story-answer.ts';
import type { StoryMoment } from './story-moment.ts';
import { StoryWatch } from './story-watch.ts';
import type { NumberedEvent } from './story-watch.ts';

/** A story that is told by hand: each question takes the next moment, and waits for one. */
function told(): { watch: StoryWatch; tell: (moment: StoryMoment) => Promise<void>; asked: () => number } {
  const waiting: ((moment: StoryMoment) => void)[] = [];
  let asked = 0;
  const read = (): Promise<StoryMoment> => {
    asked += 1;
    return new Promise((resolve) => waiting.push(resolve));
  };
  const watch = new StoryWatch('a', { read, answer: (moment) => storyAnswer(moment, null), pollMs: 0 }, 'e');
  const tell = async (moment: StoryMoment): Promise<void> => {
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    waiting.shift()!(moment);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { watch, tell, asked: () => asked };
}

const running = exampleMoment();
const further = (done: number): StoryMoment =>
  exampleMoment({ snapshot: { ...running.snapshot, status: exampleStatus({ tasksDone: done }) } });
const over = exampleMoment({ workflow: 'COMPLETED', endMs: running.startMs + 1000 });

function listener(): {
  hear: (events: readonly NumberedEvent[]) => void;
  heard: NumberedEvent[];
  names: () => string[];
} {
  const heard: NumberedEvent[] = [];
  return {
    heard,
    hear: (events) => void heard.push(...events),
    names: () => heard.map(({ id, event }) => `${id} ${event}`),
  };
}

describe('a story that is watched', () => {
  test('(W1) is asked once at a time, however many watch', async () => {
    const { watch, tell, asked } = told();
    const ears = Array.from({ length: 200 }, listener);
    const stops = ears.map(({ hear }) => watch.watch(hear, null));
    await Promise.all([tell(running), watch.latest(0), watch.latest(0)]);
    await tell(further(5));
    expect(ears.map(({ names }) => names())).toEqual(ears.map(() => ['e-0 snapshot', 'e-1 story']));
    // The two answers, and perhaps the question that waits for the third.
    expect(asked()).toBeLessThanOrEqual(3);
    for (const stop of stops) stop();
    expect(watch.watchers).toBe(0);
  });

  test('(W2) a watcher who comes back hears what it missed', async () => {
    const { watch, tell } = told();
    const first = listener();
    const stop = watch.watch(first.hear, null);
    await tell(running);
    for (const done of [5, 6, 7]) await tell(further(done));
    stop();
    const back = listener();
    watch.watch(back.hear, 'e-1')();
    expect(back.names()).toEqual(['e-2 story', 'e-3 story']);
  });

  test.each(['f-1', 'e-9', 'nonsense', 'e--1', ''])(
    '(W2) who names an event that nobody knows (%s) hears the whole story',
    async (id) => {
      const { watch, tell } = told();
      const first = listener();
      const stop = watch.watch(first.hear, null);
      await tell(running);
      await tell(further(5));
      stop();
      const back = listener();
      watch.watch(back.hear, id)();
      expect(back.names()).toEqual(['e-1 snapshot']);
      expect(back.heard[0]!.data).toMatchObject({ progress: { done: 5 } });
    },
  );

  test('(W3) of a story that is over the end is heard, and nothing is asked any more', async () => {
    const { watch, tell, asked } = told();
    const ear = listener();
    watch.watch(ear.hear, null);
    await tell(running);
    await tell(over);
    expect(ear.names().at(-1)).toMatch(/ end$/);
    const before = asked();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked()).toBe(before);
  });

  test('(W3) who comes late hears the whole story and its end', async () => {
    const { watch, tell } = told();
    const asking = watch.latest(0);
    await tell(over);
    expect((await asking).state).toBe('done');
    const late = listener();
    watch.watch(late.hear, null)();
    expect(late.names()).toEqual(['e-0 snapshot', 'e-0 end']);
  });
});

test('an answer that is young enough is not asked for again', async () => {
  const { watch, tell, asked } = told();
  const first = watch.latest(0);
  await tell(running);
  expect(await watch.latest(60_000)).toBe(await first);
  expect(asked()).toBe(1);
});
