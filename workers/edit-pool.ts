import { join } from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import { createCampaignActivities } from '../activities/campaign/campaign-activities.ts';
import { cpuMaker } from '../activities/edit/cpu-maker.ts';
import { publishFilm } from '../activities/edit/publish.ts';
import type { PublishActivities } from '../activities/contracts.ts';
import { sweepScratch } from '../activities/stage/scratch.ts';
import { stageActivities } from '../activities/stage/stage-activities.ts';
import { createStageRunner } from '../activities/stage/stage-runner.ts';
import { openC2pa } from '../credentials/c2pa.ts';
import { createCheckpointStore } from '../storage/checkpoint-store.ts';
import { createCampaignStore } from '../storage/campaign-store.ts';
import { createPackageStore } from '../storage/package-store.ts';
import { createFilmStore } from '../storage/film-store.ts';
import { proveStorage } from '../storage/storage-proof.ts';
import { workflowBundle } from '../workflows/bundle.ts';
import type { WorkerConfig } from './config.ts';
import { createLogger } from './logging.ts';
import { Fitness } from './fitness.ts';
import { workerName } from './identity.ts';
import { runWorker } from './run-worker.ts';
import { openWorkerArtifacts, openWorkerBucket } from './worker-bucket.ts';
import { voiceEngine, voiceMaker } from './edit/voice-maker.ts';
import { endOrphans } from '../engine/client/orphans.ts';
import { startOf } from '../engine/client/engine-process.ts';
import { cachedBundle } from './edit/bundle-cache.ts';
import { Deployment } from './edit/deployment.ts';
import { claimNewStories } from './edit/new-stories.ts';
import { markedWithVersion, packageVersion, releaseOf } from './edit/release.ts';
import { servedReleases } from './edit/served-releases.ts';

/** Stitching and publishing wait for disk and network most of the time. */
const slots = 4;

async function markedBundle(): Promise<{ readonly code: string }> {
  const { code } = await workflowBundle();
  return { code: markedWithVersion(code, await packageVersion()) };
}

/** How the pool begins. */
export interface EditPoolOptions {
  /** New stories go to this release from now on, wherever they went before. */
  readonly current: boolean;
}

/** Serves the `edit` task queue, workflows and CPU work, until a signal drains it. */
export async function runEditPool(config: WorkerConfig, { current }: EditPoolOptions): Promise<void> {
  const log = createLogger('edit', config.logLevel);
  // A worker that cannot sign says so before it takes work.
  if (config.credentials !== null) await openC2pa();
  await sweepScratch(config.scratchRoot);
  const objects = openWorkerBucket(config, log);
  const artifacts = openWorkerArtifacts(objects, log);
  const packages = createPackageStore(objects, config.storage.cacheDir);
  await endOrphans(startOf(voiceEngine).file);
  const fitness = new Fitness({
    worker: workerName('edit'),
    checks: { storage: () => proveStorage(objects), device: null },
    isMade: async (task) => (await artifacts.find(task)) !== null,
    log,
  });
  const options = {
    artifacts,
    health: fitness,
    films: createFilmStore(objects),
    objects,
    scratchRoot: config.scratchRoot,
    credentials: config.credentials,
    version: await packageVersion(),
    log,
    campaigns: createCampaignStore(objects),
    checkpoints: createCheckpointStore(objects),
    make: cpuMaker(voiceMaker(config, packages, log)),
  };
  const activities = {
    ...stageActivities('edit', createStageRunner(options)),
    ...({ publishFilm: (request) => publishFilm(options, request) } satisfies PublishActivities),
    ...createCampaignActivities(options),
  };
  try {
    const dir = join(config.storage.cacheDir, 'workflow-bundles');
    const { code } = await cachedBundle({ dir, bundle: markedBundle });
    const { buildId } = releaseOf(code);
    const deploymentBy = (connection: NativeConnection): Deployment =>
      new Deployment(connection, config.temporal.namespace, config.queues);
    await runWorker(config, {
      pool: 'edit',
      activities,
      slots,
      log,
      fitness,
      releases: (connection) => servedReleases({ dir, code, deployment: deploymentBy(connection), log }),
      onServing: (connection, signal) =>
        claimNewStories(deploymentBy(connection), { buildId, always: current, log, signal }),
    });
  } finally {
    objects.close();
  }
}
