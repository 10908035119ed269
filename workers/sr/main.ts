import type { WorkerConfig } from '../config.ts';
import { engineBeside, runEnginePool } from '../engine-pool.ts';
import { createSrActivities } from './activities.ts';

/** Serves the `sr` task queue until a signal drains it. */
export async function runPool(config: WorkerConfig): Promise<void> {
  await runEnginePool(config, {
    pool: 'sr',
    engine: engineBeside(import.meta.url),
    activities: createSrActivities,
  });
}
