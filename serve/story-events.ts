import type { ItemAnswer, StoryAnswer } from './answers.ts';

/** What watchers of a story hear. */
export interface StoryEvent {
  /** `snapshot`: the whole story; `story`: all but its items; `item`: one of them; `end`: nothing will change any more. */
  readonly event: 'snapshot' | 'story' | 'item' | 'end';
  readonly data: unknown;
}

/** What changed from one answer to the next. Items that came, went or moved make a new snapshot. Pure. */
export function changesBetween(before: StoryAnswer, after: StoryAnswer): StoryEvent[] {
  if (namesOf(before) !== namesOf(after)) return [{ event: 'snapshot', data: after }];
  const old = new Map(before.items.map((item) => [item.name, JSON.stringify(item)]));
  const changed = after.items.filter((item) => old.get(item.name) !== JSON.stringify(item));
  const head = JSON.stringify(headOf(after)) === JSON.stringify(headOf(before)) ? [] : [headOf(after)];
  return [
    ...changed.map((item): StoryEvent => ({ event: 'item', data: item })),
    ...head.map((data): StoryEvent => ({ event: 'story', data })),
  ];
}

/** A story without its items. */
export function headOf({ items: _, ...head }: StoryAnswer): Omit<StoryAnswer, 'items'> {
  return head;
}

const namesOf = ({ items }: { readonly items: readonly ItemAnswer[] }): string =>
  items.map(({ name }) => name).join('\n');
