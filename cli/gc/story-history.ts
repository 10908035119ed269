import type { Client } from '@temporalio/client';
import type { StoryRun } from '../../client/story-runs.ts';
import { namedKeys } from '../../storage/garbage/named-keys.ts';

/** Every key that the histories of these runs name: what was planned, made, found, made again and thrown away. No worker is asked. */
export async function keysOfHistories(client: Client, runs: readonly StoryRun[]): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const { workflowId, runId } of runs) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const text of textsIn(history)) for (const key of namedKeys(text)) keys.add(key);
  }
  return keys;
}

/** The payloads in a history, as text. */
function* textsIn(value: unknown): Iterable<string> {
  if (value instanceof Uint8Array) yield Buffer.from(value).toString('utf8');
  else if (typeof value === 'object' && value !== null) for (const field of Object.values(value)) yield* textsIn(field);
}
