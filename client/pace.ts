import { type Pool, pools, stages } from '../story/plan/stages.ts';
import { pocketCosts, secondsOf } from '../story/plan/estimate.ts';
import { tasksOf } from '../story/plan/task-list.ts';
import type { StoryPlan } from '../story/plan/plan.ts';
import type { StageName } from '../story/plan/task.ts';
import { activitiesOf, unitsDone } from './story-snapshot.ts';
import type { StorySnapshot } from './story-snapshot.ts';

/**
 * The time that a story still needs, from what its stages took so far.
 *
 * The pace of a stage is wall time per task while at least one worker was at it: parallel workers show up as a better
 * pace, waiting in a queue does not count. What is left of a pool is its open tasks times their paces; the story needs
 * the longest of the pools plus one task of each pool after it, for the last clip walks through all of them. A stage that
 * nobody has seen yet is expected to be as much faster or slower than its estimate as the stages that were seen.
 */
export interface Pace {
  readonly stages: Readonly<Partial<Record<StageName, StagePace>>>;
  readonly last: { readonly atMs: number; readonly work: ReadonlyMap<StageName, StageWork> } | null;
}

interface StagePace {
  readonly busyMs: number;
  readonly units: number;
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

/** What a task of each stage is estimated to take on some machine, milliseconds: only the proportions count. */
export type ExpectedMs = Readonly<Partial<Record<StageName, number>>>;

/** The mean estimate of a plan's tasks, by stage. */
export function expectedMsOf(plan: StoryPlan): ExpectedMs {
  const sums = new Map<StageName, { count: number; ms: number }>();
  for (const { task } of tasksOf(plan)) {
    const { count, ms } = sums.get(task.stage) ?? { count: 0, ms: 0 };
    sums.set(task.stage, { count: count + 1, ms: ms + 1000 * secondsOf(task, pocketCosts[task.stage]) });
  }
  return Object.fromEntries([...sums].map(([stage, { count, ms }]) => [stage, ms / count]));
}

/** Milliseconds until the film is there; `null` while a stage that is still to come was neither measured nor expected. */
export function remainingMs(pace: Pace, expected: ExpectedMs = {}): number | null {
  if (pace.last === null) return null;
  const left = new Map<Pool, number>();
  const oneTask = new Map<Pool, number>();
  for (const [stage, { open }] of pace.last.work) {
    if (open <= 0) continue;
    const perTask = taskMs(pace, stage, expected);
    if (perTask === null) return null;
    const pool = stages[stage].pool;
    left.set(pool, (left.get(pool) ?? 0) + open * perTask);
    oneTask.set(pool, Math.max(oneTask.get(pool) ?? 0, perTask * Math.min(1, open)));
  }
  const ends = pools.map((pool, index) => {
    const after = pools.slice(index + 1).reduce((sum, next) => sum + (oneTask.get(next) ?? 0), 0);
    return (left.get(pool) ?? 0) + after;
  });
  return Math.max(...ends);
}

/** Less than this share of a task tells nothing of its pace. */
const tellingUnits = 0.05;

function taskMs(pace: Pace, stage: StageName, expected: ExpectedMs): number | null {
  const measured = pace.stages[stage];
  if (measured !== undefined && measured.units > tellingUnits) return measured.busyMs / measured.units;
  const estimate = expected[stage];
  const slowness = slownessOf(pace, expected);
  return estimate === undefined || slowness === null ? null : estimate * slowness;
}

/** How many times longer than expected the measured stages took; `null` before there is one. */
function slownessOf(pace: Pace, expected: ExpectedMs): number | null {
  let tookMs = 0;
  let estimatedMs = 0;
  for (const [stage, { busyMs, units }] of Object.entries(pace.stages) as [StageName, StagePace][]) {
    if (units <= tellingUnits) continue;
    tookMs += busyMs;
    estimatedMs += units * (expected[stage] ?? 0);
  }
  return estimatedMs > 0 ? tookMs / estimatedMs : null;
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
