import { type LookerRole, lookerRoles } from '../../story/model-set.ts';
import { engineConfigFromEnv } from '../../workers/session/config.ts';
import { ModelCache, readPackage } from '../../workers/session/models.ts';
import { openLooker, type OpenLooker, type OpenLookers } from './open-looker.ts';

/** Packages on this machine, opened in this process. */
export interface LocalLookers {
  readonly packages: OpenLookers;
  /** Closes their sessions. */
  close(): Promise<void>;
}

/**
 * Opens packages that look at frames, by the engine's settings of the environment.
 *
 * @param dirs - Folders of packages by role.
 * @throws PipelineError `MODEL_*` when a package cannot be used.
 */
export async function openLookers(dirs: Readonly<Partial<Record<string, string>>>): Promise<LocalLookers> {
  const cache = new ModelCache(engineConfigFromEnv(), () => undefined);
  try {
    const opened: [LookerRole, OpenLooker][] = [];
    for (const role of lookerRoles) {
      const dir = dirs[role];
      if (dir === undefined) continue;
      const source = await readPackage(dir);
      const { manifest } = source;
      if (manifest.role !== role) throw new Error(`${dir} was given as ${role} and is ${manifest.role}`);
      opened.push([role, await openLooker(manifest, { dir, graph: (name) => cache.graph(source, name) })]);
    }
    return { packages: Object.fromEntries(opened), close: () => cache.close() };
  } catch (error) {
    await cache.close();
    throw error;
  }
}
