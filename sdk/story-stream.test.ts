import { describe, expect, test } from '@jest/globals';
import { exampleAnswer } from '../test/fakes/example-moment.ts';
import { changesBetween } from '../serve/story-events.ts';
import { eventsOf, storyAfter } from './story-stream.ts';
import type { StreamEvent } from './story-stream.ts';
import type { StoryAnswer } from '../serve/answers.ts';

async function read(...parts: string[]): Promise<StreamEvent[]> {
  const body = (function* () {
    for (const part of parts) yield new TextEncoder().encode(part);
  })();
  const events: StreamEvent[] = [];
  for await (const event of eventsOf(body as unknown as AsyncIterable<Uint8Array>)) events.push(event);
  return events;
}

describe('events of a stream', () => {
  test('are read however the stream is cut, also within a sign', async () => {
    const text = 'retry: 3000\n\nid: a-1\nevent: item\ndata: {"name":"é"}\n\n: ping\n\nevent: end\ndata: {}\n\n';
    const whole = await read(text);
    expect(whole).toEqual([
      { id: 'a-1', event: 'item', data: '{"name":"é"}' },
      { id: null, event: 'end', data: '{}' },
    ]);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += 1) {
      const body = [bytes.subarray(0, at), bytes.subarray(at)] as unknown as AsyncIterable<Uint8Array>;
      const cut: StreamEvent[] = [];
      for await (const event of eventsOf(body)) cut.push(event);
      expect(cut).toEqual(whole);
    }
  });

  test('an event without its end is none', async () => {
    expect(await read('event: item\ndata: {')).toEqual([]);
  });
});

describe('a story that changes', () => {
  test('is, after the events of a change, what the server would answer', () => {
    const before = exampleAnswer();
    const [first, ...rest] = before.items;
    const after: StoryAnswer = { ...before, state: 'paused', items: [{ ...first!, fraction: 0.9, seed: 99 }, ...rest] };
    const moved: StoryAnswer = { ...after, items: [...after.items].reverse() };
    let story: StoryAnswer | null = storyAfter(null, { id: null, event: 'snapshot', data: JSON.stringify(before) });
    for (const next of [after, moved]) {
      for (const { event, data } of changesBetween(story!, next))
        story = storyAfter(story, { id: null, event, data: JSON.stringify(data) });
      expect(story).toEqual(next);
    }
  });

  test('is not known before its first snapshot', () => {
    expect(storyAfter(null, { id: null, event: 'item', data: '{}' })).toBeNull();
  });
});
