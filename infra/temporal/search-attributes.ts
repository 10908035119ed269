import type { Connection } from '@temporalio/client';

/** Search attributes that a story sets, by name, with the type that the Temporal server must know them by. */
export const searchAttributes = {
  StoryTitle: 'Keyword',
  StoryState: 'Keyword',
  StoryModels: 'Keyword',
  StoryShots: 'Int',
  StoryShotsDone: 'Int',
} as const;

/** Numbers of `IndexedValueType` in Temporal's API. */
const indexedValueTypes = { Keyword: 2, Int: 3 } as const;

/**
 * Makes the search attributes known to a namespace; those that it has stay as they are. A server that does not know them
 * refuses to start stories. The key in use must be allowed to administer the namespace.
 * @returns the names that were added.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(searchAttributes).filter(([name]) => customAttributes[name] === undefined);
  if (missing.length === 0) return [];
  const additions = Object.fromEntries(missing.map(([name, type]) => [name, indexedValueTypes[type]]));
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: additions,
  });
  return missing.map(([name]) => name);
}
