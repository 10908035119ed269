import type { TaskRun } from '../plan/task-run.ts';
import type { PlannedTask } from '../plan/plan.ts';
import { type Pool, stages } from '../plan/stages.ts';
import type { StageName } from '../plan/task.ts';

/** Where the time of a render went. */
export interface RunTotals {
  /** Artifacts that were computed and that were found. */
  readonly computed: number;
  readonly cacheHits: number;
  /** From the start of the story to the end of its last run, milliseconds. */
  readonly makespanMs: number;
  /** The longest chain of runs that had to wait for each other: no number of workers makes the film sooner. */
  readonly criticalPath: {
    readonly ms: number;
    readonly tasks: readonly {
      readonly item: string;
      readonly stage: StageName;
      readonly key: string;
      readonly ms: number;
    }[];
  };
  /** Milliseconds of engine time per pool. */
  readonly busyMs: Readonly<Record<string, number>>;
  /** Engine time over (makespan × pools that computed), 0 when nothing was computed; above 1 when pools have several workers. */
  readonly efficiency: number;
}

/** Measures the runs of a story. `planned` names every task after its inputs, as `tasksOf` does. Pure. */
export function totalsOfRuns(planned: readonly PlannedTask[], runs: readonly TaskRun[], startedMs: number): RunTotals {
  const busyMs: Partial<Record<Pool, number>> = {};
  for (const { stage, result } of runs) {
    const { pool } = stages[stage];
    if (!result.cacheHit) busyMs[pool] = (busyMs[pool] ?? 0) + result.busyMs;
  }
  const makespanMs = Math.max(0, ...runs.map((run) => run.result.endedMs - startedMs));
  const totalMs = Object.values(busyMs).reduce((sum, ms) => sum + ms, 0);
  const numPools = Object.keys(busyMs).length;
  const cacheHits = runs.filter((run) => run.result.cacheHit).length;
  return {
    computed: runs.length - cacheHits,
    cacheHits,
    makespanMs,
    criticalPath: criticalPathOf(planned, runs),
    busyMs,
    efficiency: makespanMs > 0 && numPools > 0 ? totalMs / (makespanMs * numPools) : 0,
  };
}

interface Chain {
  readonly endMs: number;
  readonly link: PlannedTask;
  readonly ms: number;
  readonly before: Chain | null;
}

function criticalPathOf(planned: readonly PlannedTask[], runs: readonly TaskRun[]): RunTotals['criticalPath'] {
  const durations = new Map(
    runs.map(({ result }) => [result.artifact.key, Math.max(0, result.endedMs - result.startedMs)]),
  );
  const chains = new Map<string, Chain>();
  let longest: Chain | null = null;
  for (const link of planned) {
    const before = link.task.inputs.reduce<Chain | null>(
      (best, { key }) => longer(best, chains.get(key) ?? null),
      null,
    );
    const ms = durations.get(link.task.key) ?? 0;
    const chain = { endMs: (before?.endMs ?? 0) + ms, link, ms, before };
    chains.set(link.task.key, chain);
    longest = longer(longest, chain);
  }
  const tasks = [];
  for (let chain = longest; chain !== null; chain = chain.before) {
    const { item, task } = chain.link;
    if (chain.ms > 0) tasks.unshift({ item, stage: task.stage, key: task.key, ms: chain.ms });
  }
  return { ms: longest?.endMs ?? 0, tasks };
}

function longer(a: Chain | null, b: Chain | null): Chain | null {
  return a === null || (b !== null && b.endMs > a.endMs) ? b : a;
}
