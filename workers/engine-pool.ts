import { extname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Pool } from '../story/plan/stages.ts';
import { sweepScratch } from '../activities/stage/scratch.ts';
import { createCheckpointStore } from '../storage/checkpoint-store.ts';
import { createPackageStore } from '../storage/package-store.ts';
import { proveStorage } from '../storage/storage-proof.ts';
import type { PackageStore } from '../storage/package-store.ts';
import type { WorkerConfig } from './config.ts';
import { createLogger } from './logging.ts';
import { MemoryLevels } from '../activities/stage/memory-levels.ts';
import { Fitness } from './fitness.ts';
import { workerName } from './identity.ts';
import { runWorker } from './run-worker.ts';
import { openWorkerArtifacts, openWorkerBucket } from './worker-bucket.ts';
import { deviceName } from '../engine/config.ts';
import { EngineClient } from '../engine/client/engine-client.ts';
import { startOf } from '../engine/client/engine-process.ts';
import { endOrphans } from '../engine/client/orphans.ts';
import type { LocalGraph } from '../engine/protocol.ts';
import { engineMaker } from '../activities/stage/engine-maker.ts';
import { stageActivities } from '../activities/stage/stage-activities.ts';
import { createStageRunner } from '../activities/stage/stage-runner.ts';
import { WarmList } from '../activities/stage/warm-list.ts';
import type { PackageGraph } from '../activities/stage/warm-list.ts';

/** A pool whose stages run in an engine. */
export type EnginePool = Exclude<Pool, 'edit'>;

/** The entry file of a pool's engine: TypeScript in a checkout, JavaScript in a build. */
function engineOf(pool: EnginePool): URL {
  return new URL(`./${pool}/engine${extname(import.meta.url)}`, import.meta.url);
}

/** Joins the parts of a pool with an engine and serves its queue until a signal drains it. */
export async function runEnginePool(config: WorkerConfig, pool: EnginePool): Promise<void> {
  const log = createLogger(pool, config.logLevel);
  const objects = openWorkerBucket(config, log);
  const client = new EngineClient({
    entry: engineOf(pool),
    env: config.engineEnv,
    cancelGraceMs: config.drain.cancelGraceMs,
    stall: config.stall,
    log: (level, message, fields) => {
      log[level](fields, message);
    },
  });
  const orphans = await endOrphans(startOf(engineOf(pool)).file);
  if (orphans > 0) log.warn({ engines: orphans }, 'killed engines that hung and had outlived their workers');
  const packages = createPackageStore(objects, config.storage.cacheDir);
  const swept = (await sweepScratch(config.scratchRoot)) + (await packages.sweep());
  if (swept > 0) log.info({ folders: swept }, 'removed what dead workers left in scratch and of packages');
  const warmList = await WarmList.open(join(config.storage.cacheDir, 'warm', `${pool}.json`));
  const devices = config.engine.devices.map(deviceName).join(',');
  const artifacts = openWorkerArtifacts(objects, log);
  const fitness = new Fitness({
    worker: workerName(pool),
    checks: { storage: () => proveStorage(objects), device: () => client.prove() },
    isMade: async (task) => (await artifacts.find(task)) !== null,
    log,
  });
  const runner = createStageRunner({
    artifacts,
    health: fitness,
    checkpoints: createCheckpointStore(objects),
    make: engineMaker({
      engine: client,
      packages,
      checkpointEvery: config.checkpointEvery,
      onGraphs: (graphs) => void warmList.used(graphs),
    }),
    log,
    scratchRoot: config.scratchRoot,
    memoryLevels: await MemoryLevels.open(join(config.storage.cacheDir, 'memory', `${pool}.json`), devices),
  });
  // Tasks that come meanwhile wait for it in the engine's line, as they would for their models.
  const onFit = (): void => void warmUp(warmList.graphs, { packages, engine: client, log });
  try {
    const activities = stageActivities(pool, runner);
    await runWorker(config, {
      pool,
      activities,
      slots: 1,
      log,
      fitness,
      onFit,
      silentMs: () => client.silentMs,
      onForce: () => client.stop(),
    });
  } finally {
    await client.stop();
    objects.close();
  }
}

interface WarmUpParts {
  readonly packages: Pick<PackageStore, 'ensurePackage'>;
  readonly engine: Pick<EngineClient, 'warm'>;
  readonly log: Logger;
}

/** Starts the engine with the models that it used last, the latest first. No failure here is one of a task: the task meets it again. */
async function warmUp(graphs: readonly PackageGraph[], { packages, engine, log }: WarmUpParts): Promise<void> {
  const startedMs = performance.now();
  const local: LocalGraph[] = [];
  try {
    for (const { ref, graph } of graphs.toReversed()) {
      const dir = await packages.ensurePackage(ref).catch((err: unknown) => {
        log.info({ err, package: ref.name }, 'a model that was used last is not at hand');
        return null;
      });
      if (dir !== null) local.push({ dir, graph });
    }
    await engine.warm(local);
    const warmMs = Math.round(performance.now() - startedMs);
    log.info({ graphs: local.length, warmMs }, 'the engine is warm');
  } catch (err) {
    log.warn({ err }, 'the engine could not be warmed up');
  }
}
