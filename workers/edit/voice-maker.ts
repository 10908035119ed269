import { extname } from 'node:path';
import type { Logger } from 'pino';
import { engineMaker } from '../../activities/stage/engine-maker.ts';
import type { Maker } from '../../activities/stage/maker.ts';
import { EngineClient } from '../../engine/client/engine-client.ts';
import type { PackageStore } from '../../storage/package-store.ts';
import type { WorkerConfig } from '../config.ts';

/** The entry file of the engine that speaks: TypeScript in a checkout, JavaScript in a build. */
export const voiceEngine = new URL(`./engine${extname(import.meta.url)}`, import.meta.url);

/**
 * Speaks with voices that are models. Each task has an engine of its own, on the CPU: its noise begins anew, so the same words are the same bytes,
 * and a host that seldom speaks keeps no model in memory.
 */
export function voiceMaker(
  { engineEnv, drain, stall }: Pick<WorkerConfig, 'engineEnv' | 'drain' | 'stall'>,
  packages: Pick<PackageStore, 'ensurePackage'>,
  log: Logger,
): Maker {
  return async (job, hooks) => {
    const engine = new EngineClient({
      entry: voiceEngine,
      env: { ...engineEnv, SHOTLINE_DEVICE: 'cpu', SHOTLINE_ENGINE: 'onnx' },
      cancelGraceMs: drain.cancelGraceMs,
      stall,
      log: (level, message, fields) => {
        log[level](fields, message);
      },
    });
    try {
      return await engineMaker({ engine, packages, checkpointEvery: 0 })(job, hooks);
    } finally {
      await engine.stop();
    }
  };
}
