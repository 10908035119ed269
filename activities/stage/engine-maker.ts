import type { EngineClient } from '../../engine/client/engine-client.ts';
import type { PackageStore } from '../../storage/package-store.ts';
import type { ModelRole, PackageRef } from '../../story/models/model-set.ts';
import type { StageTask } from '../../story/plan/task.ts';
import type { Maker } from './maker.ts';
import type { PackageGraph } from './warm-list.ts';

/** What an engine needs to make artifacts. */
export interface EngineMakerOptions {
  readonly engine: Pick<EngineClient, 'run'>;
  readonly packages: Pick<PackageStore, 'ensurePackage'>;
  /** Steps between two checkpoints; 0 keeps one only when the task is handed back. */
  readonly checkpointEvery: number;
  /** Hears of the graphs that a task has used. */
  readonly onGraphs?: (graphs: readonly PackageGraph[]) => void;
}

/** Makes artifacts in an engine, with the packages that the task names. */
export function engineMaker({ engine, packages, checkpointEvery, onGraphs }: EngineMakerOptions): Maker {
  return async (job, hooks) => {
    const packageDirs = await ensurePackages(packages, job.task, hooks.signal);
    const outcome = await engine.run({ ...job, packageDirs, checkpointEvery }, hooks);
    const refs = packagesOf(job.task);
    onGraphs?.(
      outcome.graphs.flatMap(({ role, graph }) => {
        const ref = refs[role];
        return ref === undefined ? [] : [{ ref, graph }];
      }),
    );
    return outcome;
  };
}

async function ensurePackages(
  packages: EngineMakerOptions['packages'],
  task: StageTask,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const dirs: Record<string, string> = {};
  for (const [role, ref] of Object.entries(packagesOf(task))) {
    signal.throwIfAborted();
    dirs[role] = await unlessAborted(packages.ensurePackage(ref), signal);
  }
  return dirs;
}

function packagesOf(task: StageTask): Readonly<Partial<Record<ModelRole, PackageRef>>> {
  return task.packages;
}

/** Gigabytes may be on their way: whoever stops does not wait for them. They go on arriving, for the next task. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const left = new AbortController();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true, signal: left.signal });
      work.then(resolve, reject);
    });
  } finally {
    left.abort();
  }
}
