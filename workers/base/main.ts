import type { WorkerConfig } from '../config.ts';
import { engineBeside, runEnginePool } from '../engine-pool.ts';
import { createBaseActivities } from './activities.ts';

/** Serves the `base` task queue until a signal drains it. */
export async function runPool(config: WorkerConfig): Promise<void> {
  await runEnginePool(config, {
    pool: 'base',
    engine: engineBeside(import.meta.url),
    activities: createBaseActivities,
  });
}
