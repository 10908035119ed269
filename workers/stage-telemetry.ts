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

/** Film or clip frames that a task makes. */
export function framesOf(task: StageTask): number {
  if (task.stage === 'picture') return 1;
  return task.stage === 'segment' ? task.params.count : task.params.frames;
}

/**
 * Labels the log lines of an activity and records its metrics: `shotline_stage_seconds` (histogram, computed stages only),
 * `shotline_cache_hits`, `shotline_frames` (counters) and `shotline_engine_peak_bytes` (gauge), each by `stage`.
 */
export function stageTelemetry(activity: Context): ActivityInterceptors {
  let labels: StageLabels = { attempt: activity.info.attempt };
  return {
    inbound: {
      async execute(input, next) {
        labels = stageLabels(input.args[0], activity.info.attempt);
        const result = await next(input);
        const { task } = (input.args[0] ?? {}) as Partial<StageRequest<StageTask>>;
        if (task !== undefined) record(activity, task, result as StageResult);
        return result;
      },
    },
    outbound: {
      getLogAttributes: (input, next) => next({ ...input, ...labels }),
    },
  };
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
