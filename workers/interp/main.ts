import type { WorkerConfig } from '../config.ts';
import { engineBeside, runEnginePool } from '../engine-pool.ts';
import { createInterpActivities } from './activities.ts';

/** Serves the `interp` task queue until a signal drains it. */
export async function runPool(config: WorkerConfig): Promise<void> {
  await runEnginePool(config, {
    pool: 'interp',
    engine: engineBeside(import.meta.url),
    activities: createInterpActivities,
  });
}
