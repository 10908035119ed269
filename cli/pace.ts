import { poolOfStage } from '../activities/contracts.ts';
import type { Pool } from '../activities/contracts.ts';
import type { StageName } from '../story/task.ts';
import { activitiesOf, unitsDone } from './story-snapshot.ts';
import type { StorySnapshot } from './story-snapshot.ts';

/**
 * The time that a story still needs, from what its stages took so far.
 *
 * The pace of a stage is wall time per task while at least one worker was at it: parallel workers show up as a better
 * pace, waiting in a queue does not count. What is left of a pool is its open tasks times their paces; the story needs
 * the longest of the pools plus one task of each pool after it, for the last clip walks through all of them.
 */
export interface Pace {
  readonly stages: Readonly<Partial<Record<StageName, { readonly busyMs: number; readonly units: number }>>>;
  readonly last: { readonly atMs: number; readonly work: ReadonlyMap<StageName, StageWork> } | null;
}

interface StageWork {
  readonly busy: boolean;
  /** Tasks done, fractions included; cached ones are not work. */
  readonly units: number;
  readonly open: number;
}

/** A pace that knows nothing. */
export const noPace: Pace = { stages: {}, last: null };

/** A pace that has seen one more snapshot. */
export function observePace(pace: Pace, snapshot: StorySnapshot, atMs: number): Pace {
  const work = workByStage(snapshot);
  const stages = { ...pace.stages };
  for (const [stage, { busy, units }] of work) {
    const before = pace.last?.work.get(stage);
    if (pace.last === null || before === undefined || !(before.busy || busy)) continue;
    const known = stages[stage] ?? { busyMs: 0, units: 0 };
    stages[stage] = {
      busyMs: known.busyMs + (atMs - pace.last.atMs),
      // A re-rolled shot makes done work open again; that is no negative work.
      units: known.units + Math.max(0, units - before.units),
    };
  }
  return { stages, last: { atMs, work } };
}

// The order in which a clip meets the pools.
const poolOrder: readonly Pool[] = ['base', 'interp', 'sr', 'edit'];

/** Milliseconds until the film is there; `null` while a stage that is still to come has never been measured. */
export function remainingMs(pace: Pace): number | null {
  if (pace.last === null) return null;
  const left = new Map<Pool, number>();
  const oneTask = new Map<Pool, number>();
  for (const [stage, { open }] of pace.last.work) {
    if (open <= 0) continue;
    const perTask = taskMs(pace, stage);
    if (perTask === null) return null;
    const pool = poolOfStage[stage];
    left.set(pool, (left.get(pool) ?? 0) + open * perTask);
    oneTask.set(pool, Math.max(oneTask.get(pool) ?? 0, perTask * Math.min(1, open)));
  }
  const ends = poolOrder.map((pool, index) => {
    const after = poolOrder.slice(index + 1).reduce((sum, next) => sum + (oneTask.get(next) ?? 0), 0);
    return (left.get(pool) ?? 0) + after;
  });
  return Math.max(...ends);
}

/** Stitching is a remux and a few pictures: seconds, and known only when the story is over. */
const unmeasuredEditMs = 2000;

function taskMs(pace: Pace, stage: StageName): number | null {
  const pool = poolOfStage[stage];
  const measured = pace.stages[stage];
  if (measured !== undefined && measured.units > 0.05) return measured.busyMs / measured.units;
  if (pool === 'edit') return unmeasuredEditMs;
  const poolMate = (Object.keys(poolOfStage) as StageName[]).find(
    (other) => other !== stage && poolOfStage[other] === pool && (pace.stages[other]?.units ?? 0) > 0.05,
  );
  return poolMate === undefined ? null : taskMs(pace, poolMate);
}

function workByStage(snapshot: StorySnapshot): ReadonlyMap<StageName, StageWork> {
  const work = new Map<StageName, StageWork>();
  for (const item of snapshot.status.items) {
    for (const stage of item.stages) {
      const activities = activitiesOf(snapshot, item.item, stage.stage);
      const done = unitsDone(stage, activities);
      const sum = work.get(stage.stage) ?? { busy: false, units: 0, open: 0 };
      work.set(stage.stage, {
        busy: sum.busy || activities.some(({ started }) => started),
        units: sum.units + (stage.state === 'cached' ? 0 : done),
        open: sum.open + (stage.of - done),
      });
    }
  }
  return work;
}
