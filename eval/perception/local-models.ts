import { engineConfigFromEnv } from '../../engine/config.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { openPerceptionModels, type OpenPerceptionModels } from './open-model.ts';

/** Packages on this machine, opened in this process. */
export interface LocalPerceptionModels {
  readonly packages: OpenPerceptionModels;
  /** Closes their sessions. */
  close(): Promise<void>;
}

/**
 * Opens packages that look at frames, by the engine's settings of the environment.
 *
 * @param dirs - Folders of packages by role.
 * @throws PipelineError `MODEL_*` when a package cannot be used.
 */
export async function openLocalModels(dirs: Readonly<Partial<Record<string, string>>>): Promise<LocalPerceptionModels> {
  const cache = new ModelCache(engineConfigFromEnv(), () => undefined);
  try {
    const packages = await openPerceptionModels(async (role) => {
      const dir = dirs[role];
      if (dir === undefined) return null;
      const source = await readPackage(dir);
      return { dir, manifest: source.manifest, graph: (name) => cache.graph(source, name) };
    });
    return { packages, close: () => cache.close() };
  } catch (error) {
    await cache.close();
    throw error;
  }
}
