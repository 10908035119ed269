/** The engine of `bench/loop.ts`: the real pipelines, with a clock around every call into ONNX Runtime. */
import { readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { runBase, runTransition } from '../workers/base/pipeline.ts';
import { runInterp } from '../workers/interp/pipeline.ts';
import type { Pipeline } from '../engine/engine-job.ts';
import { serveEngine } from '../engine/engine.ts';
import type { StageTask } from '../story/plan/task.ts';

/**
 * A moment: the wall clock, and the time that this thread has spent on a processor. The latter leaves out the helpers of
 * ONNX Runtime, which spin for work, and whatever else keeps the machine busy. Milliseconds.
 */
interface Moment {
  readonly wallMs: number;
  readonly threadMs: number;
}

/** A call of `InferenceSession.run`. */
interface Call {
  readonly denoises: boolean;
  readonly start: Moment;
  readonly end: Moment;
}

/** What the engine prints when a task is done. */
export interface LoopTimes {
  readonly stage: string;
  readonly steps: number;
  /** From the start of the first denoising step to the start of the last. */
  readonly loop: Moment;
  /** Within it, what passed inside `InferenceSession.run`. */
  readonly onnx: Moment;
}

/** Linux: the main thread has the number of its process, and its nanoseconds come first (scheduler/sched-stats.rst). */
const schedule = `/proc/self/task/${String(process.pid)}/schedstat`;

const asleep = new Int32Array(new SharedArrayBuffer(4));

function now(): Moment {
  // The kernel brings that number up to date at its ticks, milliseconds apart, and whenever the thread goes to sleep.
  Atomics.wait(asleep, 0, 0, 0.01);
  return { wallMs: performance.now(), threadMs: Number.parseInt(readFileSync(schedule, 'latin1')) / 1e6 };
}

const between = (from: Moment, to: Moment): Moment => ({
  wallMs: to.wallMs - from.wallMs,
  threadMs: to.threadMs - from.threadMs,
});

const sum = (a: Moment, b: Moment): Moment => ({
  wallMs: a.wallMs + b.wallMs,
  threadMs: a.threadMs + b.threadMs,
});

let calls: Call[] = [];
const sessions = (InferenceSession as unknown as { prototype: InferenceSession }).prototype;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is bound to each session below
const run = sessions.run as (this: InferenceSession, ...args: unknown[]) => Promise<InferenceSession.ReturnType>;
sessions.run = async function (this: InferenceSession, ...args: unknown[]) {
  const start = now();
  const result = await run.apply(this, args);
  calls.push({ denoises: 'timestep' in (args[0] as object), start, end: now() });
  return result;
};

const timed =
  <Task extends StageTask>(pipeline: Pipeline<Task>): Pipeline<Task> =>
  async (task, job) => {
    calls = [];
    await pipeline(task, job);
    const steps = calls.filter((call) => call.denoises);
    const [from, to] = [steps[0]!.start, steps.at(-1)!.start];
    const onnx = steps
      .slice(0, -1)
      .map((call) => between(call.start, call.end))
      .reduce(sum);
    const times: LoopTimes = { stage: task.stage, steps: steps.length - 1, loop: between(from, to), onnx };
    console.log(JSON.stringify(times));
  };

serveEngine({ base: timed(runBase), transition: timed(runTransition), interp: timed(runInterp) });
