import { ApplicationFailure } from '@temporalio/activity';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { StageRequest, StageResult } from '../story/plan/task-run.ts';
import type { StageTask } from '../story/plan/task.ts';

/** What a log line of an activity says about its place in the story. */
export interface StageLabels {
  readonly story?: string;
  readonly item?: string;
  readonly stage?: string;
  readonly attempt: number;
}

/** Labels of an activity's input; an activity that is no stage (publishing) has no stage. */
export function stageLabels(input: unknown, attempt: number): StageLabels {
  const { task, context } = (input ?? {}) as Partial<StageRequest<StageTask>>;
  return {
    ...(context === undefined ? {} : { story: context.storyId, item: context.item }),
    ...(task === undefined ? {} : { stage: task.stage }),
    attempt,
  };
}

/** Film or clip frames that a task makes; none when it makes sound. */
export function framesOf(task: StageTask): number {
  if (task.stage === 'speech' || task.stage === 'sound') return 0;
  if (task.stage === 'picture') return 1;
  return task.stage === 'segment' || task.stage === 'mix' ? task.params.count : task.params.frames;
}

/** How often a running task tells its metrics how long it has been silent. */
const tellEveryMs = 2_000;

/**
 * Labels the log lines of an activity and records its metrics, each by `stage`: `shotline_stage_seconds` (histogram, computed stages
 * only), `shotline_cache_hits`, `shotline_frames`, `shotline_failures` (counters, the last by `code` too), `shotline_engine_peak_bytes`
 * and `shotline_seconds_since_step` (gauges).
 *
 * @param silentMs Milliseconds since the engine last said how far its job is; 0 while it has none.
 */
export function stageTelemetry(silentMs = () => 0): (activity: Context) => ActivityInterceptors {
  /** When the tasks that run began, by their stage; several of one stage run where no engine does the work. */
  const running = new Map<symbol, { readonly stage: string; readonly sinceMs: number }>();

  const tell = (activity: Context, stage: string): void => {
    const begun = [...running.values()].filter((each) => each.stage === stage).map(({ sinceMs }) => sinceMs);
    // A task that waits for storage or for a package has no job yet: its silence began with it.
    const ms = begun.length === 0 ? 0 : silentMs() || performance.now() - Math.min(...begun);
    activity.metricMeter
      .withTags({ stage })
      .createGauge('shotline_seconds_since_step', 'float', 's', 'Time since the task under way last got further')
      .set(ms / 1000);
  };

  return (activity) => {
    let labels: StageLabels = { attempt: activity.info.attempt };
    return {
      inbound: {
        async execute(input, next) {
          labels = stageLabels(input.args[0], activity.info.attempt);
          const { task } = (input.args[0] ?? {}) as Partial<StageRequest<StageTask>>;
          const stage = task?.stage ?? activity.info.activityType;
          const self = Symbol();
          running.set(self, { stage, sinceMs: performance.now() });
          const telling = setInterval(() => {
            tell(activity, stage);
          }, tellEveryMs);
          try {
            const result = await next(input);
            if (task !== undefined) record(activity, task, result as StageResult);
            return result;
          } catch (error) {
            if (error instanceof ApplicationFailure) recordFailure(activity, stage, error.type ?? 'INTERNAL');
            throw error;
          } finally {
            clearInterval(telling);
            running.delete(self);
            tell(activity, stage);
          }
        },
      },
      outbound: {
        getLogAttributes: (input, next) => next({ ...input, ...labels }),
      },
    };
  };
}

function recordFailure(activity: Context, stage: string, code: string): void {
  activity.metricMeter
    .withTags({ stage, code })
    .createCounter('shotline_failures', undefined, 'Attempts that failed')
    .add(1);
}

function record(activity: Context, task: StageTask, result: StageResult): void {
  const meter = activity.metricMeter.withTags({ stage: task.stage });
  if (result.cacheHit) {
    meter.createCounter('shotline_cache_hits', undefined, 'Tasks whose artifact was there already').add(1);
    return;
  }
  meter
    .createHistogram('shotline_stage_seconds', 'float', 's', 'Time of a task from start to published artifact')
    .record((result.endedMs - result.startedMs) / 1000);
  meter.createCounter('shotline_frames', undefined, 'Frames made').add(framesOf(task));
  meter
    .createGauge('shotline_engine_peak_bytes', 'int', 'By', 'Peak resident memory of the engine in its last task')
    .set(result.peakBytes);
}
