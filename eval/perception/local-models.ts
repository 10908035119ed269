import { type PerceptionRole, perceptionRoles } from '../../story/models/model-set.ts';
import { engineConfigFromEnv } from '../../engine/config.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { openPerceptionModel, type OpenPerceptionModel, type OpenPerceptionModels } from './open-model.ts';

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
export async function openPerceptionModels(
  dirs: Readonly<Partial<Record<string, string>>>,
): Promise<LocalPerceptionModels> {
  const cache = new ModelCache(engineConfigFromEnv(), () => undefined);
  try {
    const opened: [PerceptionRole, OpenPerceptionModel][] = [];
    for (const role of perceptionRoles) {
      const dir = dirs[role];
      if (dir === undefined) continue;
      const source = await readPackage(dir);
      const { manifest } = source;
      if (manifest.role !== role) throw new Error(`${dir} was given as ${role} and is ${manifest.role}`);
      opened.push([role, await openPerceptionModel(manifest, { dir, graph: (name) => cache.graph(source, name) })]);
    }
    return { packages: Object.fromEntries(opened), close: () => cache.close() };
  } catch (error) {
    await cache.close();
    throw error;
  }
}
