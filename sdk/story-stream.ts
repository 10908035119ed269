import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';

/** One event of a stream. */
export interface StreamEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Server-sent events of a body (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map<string, string>();
      for (const line of block.split('\n')) {
        const [, name, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (name !== undefined) fields.set(name, fields.has(name) ? `${fields.get(name) ?? ''}\n${value}` : value);
      }
      const event = fields.get('event');
      if (event !== undefined) yield { event, id: fields.get('id') ?? null, data: fields.get('data') ?? '' };
    }
  }
}

/** The story after an event; `null` before the first snapshot. Pure. */
export function storyAfter(story: StoryAnswer | null, { event, data }: StreamEvent): StoryAnswer | null {
  if (event === 'snapshot') return JSON.parse(data) as StoryAnswer;
  if (story === null) return null;
  if (event === 'story') return { ...story, ...(JSON.parse(data) as Omit<StoryAnswer, 'items'>) };
  if (event !== 'item') return story;
  const item = JSON.parse(data) as ItemAnswer;
  return { ...story, items: story.items.map((each) => (each.name === item.name ? item : each)) };
}
