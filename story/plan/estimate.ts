import { tasksOf } from './task-list.ts';
import type { StoryPlan } from './plan.ts';
import { type Pool, stageNames, stages } from './stages.ts';
import { type DenoiseParams, type EnhanceTask, madeInputs, type StageName, type StageTask } from './task.ts';

/** What a task costs on one worker, in seconds of wall clock: the sum of these times its steps, frames and output pixels. */
export interface StageCost {
  readonly fixed: number;
  /** Per denoising step of a clip of the model's native size. */
  readonly perStep: number;
  /** Frames of that clip: longer ones take longer. Absent: all clips are alike. */
  readonly clipFrames?: number;
  readonly perFrame: number;
  /** Per frame and million output pixels. */
  readonly perMegapixel: number;
}

/** Seconds of one task, by stage. */
export type StageCosts = Readonly<Record<StageName, StageCost>>;

/**
 * Costs of the pocket models, in seconds of wall clock on an idle machine with two x86 server cores, one task at a time: the
 * processor seconds that `bench/stages.ts` measures, times 0.75, for two cores shorten a task to little more than half, and
 * copying, queueing and workflows come on top. The first film comes to 169 s; it was measured at 185. Measure a pool of your
 * own with a render's manifest.
 */
export const pocketCosts: StageCosts = {
  base: { fixed: 0.3, perStep: 0.16, clipFrames: 16, perFrame: 0, perMegapixel: 0 },
  picture: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0 },
  encode: { fixed: 0.3, perStep: 0, perFrame: 0.05, perMegapixel: 0 },
  completion: { fixed: 0.3, perStep: 0.16, perFrame: 0, perMegapixel: 0 },
  transition: { fixed: 0.3, perStep: 0.16, perFrame: 0, perMegapixel: 0 },
  interp: { fixed: 0.3, perStep: 0.25, clipFrames: 61, perFrame: 0.018, perMegapixel: 0 },
  decode: { fixed: 0.1, perStep: 0, perFrame: 0.018, perMegapixel: 0 },
  dissolve: { fixed: 0.2, perStep: 0, perFrame: 0.005, perMegapixel: 0 },
  // Per step and frame, of unenlarged area.
  enhance: { fixed: 0.3, perStep: 0.006, perFrame: 0.03, perMegapixel: 0 },
  segment: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0.051 },
  mix: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0.02 },
  burn: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0.012 },
  card: { fixed: 0.5, perStep: 0, perFrame: 0, perMegapixel: 0.008 },
  speech: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0 },
  sound: { fixed: 0.4, perStep: 0, perFrame: 0.0025, perMegapixel: 0 },
  rendition: { fixed: 0.3, perStep: 0, perFrame: 0, perMegapixel: 0.05 },
  preview: { fixed: 0.5, perStep: 0, perFrame: 0.02, perMegapixel: 0 },
  film: { fixed: 0.5, perStep: 0, perFrame: 0.001, perMegapixel: 0 },
  measure: { fixed: 0.1, perStep: 0, perFrame: 0.007, perMegapixel: 0 },
};

/** The machines that a story runs on. */
export interface Machines {
  /** Workers of each pool; a pool that is not named has one. */
  readonly workers?: Readonly<Partial<Record<Pool, number>>>;
  /** Whether all pools share one device, as on a laptop: then only one task computes at a time. */
  readonly shared?: boolean;
  readonly costs?: StageCosts;
}

/** What a story will take. */
export interface Estimate {
  readonly stages: readonly {
    readonly stage: StageName;
    /** Different artifacts of this stage. */
    readonly tasks: number;
    /** How many of them exist already and cost nothing. */
    readonly cached: number;
    /** Seconds of work for the others. */
    readonly seconds: number;
  }[];
  /** Seconds of work over all stages. */
  readonly busySeconds: number;
  /** Seconds from start to film, of wall clock, on machines of the class that the costs were measured on. */
  readonly wallSeconds: number;
}

/** Estimates a story on a machines; `existing` holds the keys of artifacts that need not be made. Pure. */
export function estimateStory(
  plan: StoryPlan,
  machines: Machines,
  existing: ReadonlySet<string> = new Set(),
): Estimate {
  const costs = machines.costs ?? pocketCosts;
  const tasks = new Map(tasksOf(plan).map(({ task }) => [task.key, task]));
  const jobs = [...tasks.values()].map((task) => ({
    task,
    seconds: existing.has(task.key) ? 0 : secondsOf(task, costs[task.stage]),
  }));
  const byStage = stageNames.flatMap((stage) => {
    const own = jobs.filter((job) => job.task.stage === stage);
    const cached = own.filter((job) => existing.has(job.task.key)).length;
    return own.length === 0 ? [] : [{ stage, tasks: own.length, cached, seconds: sumOf(own) }];
  });
  return { stages: byStage, busySeconds: sumOf(jobs), wallSeconds: playThrough(jobs, machines) };
}

interface Job {
  readonly task: StageTask;
  readonly seconds: number;
}

/** Seconds that a task takes on one worker. */
export function secondsOf(task: StageTask, cost: StageCost): number {
  if (task.stage === 'enhance') return enhanceSeconds(task.params, cost);
  const steps = 'steps' in task.params ? task.params.steps * clipsOf(task.params, cost) : 0;
  const frames = 'count' in task.params ? task.params.count : 'frames' in task.params ? task.params.frames : 0;
  const megapixels = 'width' in task.params ? (task.params.width * task.params.height) / 1e6 : 0;
  return cost.fixed + cost.perStep * steps + cost.perFrame * frames + cost.perMegapixel * megapixels * frames;
}

/**
 * Frames are seen in chunks that share half their length, and some lie outside the segment: so often is a frame of one worked
 * on, at a segment of 24.
 */
const enhanceOverlap = 2.6;

function enhanceSeconds({ steps, guidance, scale, count }: EnhanceTask['params'], cost: StageCost): number {
  const calls = guidance === 0 || guidance === 1 ? 1 : 2;
  return cost.fixed + (cost.perStep * steps * calls * enhanceOverlap + cost.perFrame) * count * scale ** 2;
}

/**
 * What attention in overlapping windows makes of the time of a step, per frame: 1.7 at 64 frames, rising to 3.1 at 512
 * (`bench/freenoise.ts`).
 */
const windowsCost = 1.7;

/** How many native clips a step of this clip is worth. */
function clipsOf({ frames, freenoise }: DenoiseParams, { clipFrames = frames }: StageCost): number {
  return (frames / clipFrames) * (freenoise === undefined ? 1 : windowsCost);
}

/**
 * Plays the story through as the queues would: a free worker takes the first task in story order whose inputs are there.
 * Times of transfer and queueing are left out.
 */
function playThrough(jobs: readonly Job[], machines: Machines): number {
  const made = new Map<string, number>();
  const freeAt = new Map<string, number[]>();
  const waiting = new Set(jobs);
  while (waiting.size > 0) {
    let next: {
      readonly job: Job;
      readonly start: number;
      readonly crewmates: number[];
      readonly worker: number;
    } | null = null;
    for (const job of waiting) {
      if (!madeInputs(job.task).every((key) => made.has(key))) continue;
      const crewmates = workersFor(job.task.stage, machines, freeAt);
      const worker = crewmates.indexOf(Math.min(...crewmates));
      const ready = Math.max(0, ...madeInputs(job.task).map((key) => made.get(key) ?? 0));
      // What is there already waits for nobody.
      const start = job.seconds === 0 ? ready : Math.max(ready, crewmates[worker] ?? 0);
      if (next === null || start < next.start) next = { job, start, crewmates, worker };
    }
    if (next === null) throw new Error('a plan has a task whose inputs nothing makes');
    const end = next.start + next.job.seconds;
    if (next.job.seconds > 0) next.crewmates[next.worker] = end;
    made.set(next.job.task.key, end);
    waiting.delete(next.job);
  }
  return Math.max(...made.values());
}

/** When each worker of a stage's pool is free. */
function workersFor(stage: StageName, machines: Machines, freeAt: Map<string, number[]>): number[] {
  const pool = machines.shared === true ? 'device' : stages[stage].pool;
  const count = pool === 'device' ? 1 : (machines.workers?.[pool] ?? 1);
  const workers = freeAt.get(pool) ?? Array.from({ length: count }, () => 0);
  freeAt.set(pool, workers);
  return workers;
}

function sumOf(jobs: readonly Job[]): number {
  return jobs.reduce((sum, job) => sum + job.seconds, 0);
}
