import { createArtifactStore } from '../storage/artifact-store.ts';
import type { StageTask } from '../story/plan/task.ts';
import type { Environment } from '../storage/config.ts';
import { withBucket } from './bucket.ts';

/** How long the storage may take to answer for a whole plan of a story, milliseconds. */
const storyPatienceMs = 5000;
/** Questions at once: enough to hide the way to a far bucket. */
const width = 16;

/** Keys of the tasks whose artifacts lie in the storage; `null` when it does not answer in time. Nothing is started or written. */
export async function findMade(
  env: Environment,
  tasks: readonly StageTask[],
  patienceMs = storyPatienceMs,
): Promise<ReadonlySet<string> | null> {
  try {
    return await withBucket(env, async (objects) => {
      const artifacts = createArtifactStore(objects);
      const made = new Set<string>();
      const open = [...tasks];
      const deadlineMs = Date.now() + patienceMs;
      const ask = async () => {
        for (let task = open.pop(); task !== undefined; task = open.pop()) {
          if (Date.now() > deadlineMs) throw new Error('the storage is too slow');
          if ((await artifacts.find(task)) !== null) made.add(task.key);
        }
      };
      await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, ask));
      return made;
    });
  } catch {
    // A plan is worth reading without a storage; the table says that it was not asked.
    return null;
  }
}
