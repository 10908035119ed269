import type { StoryItem } from './item-tasks.ts';

/**
 * Items in the order in which their work had better be queued: the ones that the longest rows of others wait for come first, for a
 * film is done no sooner than its longest row. Items with rows of one length stay in the order of the film. Pools hand out
 * the older task of a tenant first.
 */
export function inCriticalOrder(items: readonly StoryItem[]): readonly StoryItem[] {
  const makers = new Map(items.flatMap((item) => item.tasks.map(({ task }) => [task.key, item] as const)));
  const readers = new Map<StoryItem, StoryItem[]>();
  for (const item of items) {
    for (const key of item.inputs) {
      const maker = makers.get(key);
      if (maker !== undefined) readers.set(maker, [...(readers.get(maker) ?? []), item]);
    }
  }
  const lengths = new Map<StoryItem, number>();
  // Rows are at most as long as the story has items, and inputs form no cycle.
  const lengthOf = (item: StoryItem): number => {
    const known = lengths.get(item);
    if (known !== undefined) return known;
    const length = 1 + Math.max(0, ...(readers.get(item) ?? []).map(lengthOf));
    lengths.set(item, length);
    return length;
  };
  return [...items].sort((one, other) => lengthOf(other) - lengthOf(one));
}
