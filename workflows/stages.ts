import type { ActivityOptions } from '@temporalio/workflow';
import type { StageName } from '../story/plan/task.ts';

/** How long an activity may take. */
export interface StageRule {
  readonly startToCloseTimeout: `${number}h`;
}

/**
 * Every time-out, with its reason. `startToClose` only ends an attempt that beats but gets nowhere: ten times what
 * the slowest supported machine needs. A dead worker is found by its silence, see `stagePolicy`.
 */
export const stageRules = {
  // A base clip of the public models takes minutes on a GPU, and the better part of an hour on a CPU.
  base: { startToCloseTimeout: '8h' },
  // One frame through the VAE: a second. A clip waits for it.
  picture: { startToCloseTimeout: '1h' },
  // A few frames through the VAE: seconds.
  encode: { startToCloseTimeout: '1h' },
  // As a base clip.
  completion: { startToCloseTimeout: '8h' },
  // As a base clip.
  transition: { startToCloseTimeout: '8h' },
  // Sixty-one frames instead of sixteen, and their decoding.
  interp: { startToCloseTimeout: '16h' },
  // Sixteen frames through the VAE: seconds.
  decode: { startToCloseTimeout: '4h' },
  // A dozen small frames mixed on a CPU: seconds; the time goes into fetching two clips.
  dissolve: { startToCloseTimeout: '1h' },
  // At most 24 frames and their neighbours, a dozen steps: minutes on a GPU with a published model, and on a CPU with a small one.
  enhance: { startToCloseTimeout: '8h' },
  // At most 24 frames: seconds on a GPU, minutes at 4K on a CPU.
  segment: { startToCloseTimeout: '4h' },
  // At most 24 frames of two segments decoded, mixed and encoded: seconds.
  mix: { startToCloseTimeout: '1h' },
  // At most 24 frames decoded, drawn on and encoded: seconds.
  burn: { startToCloseTimeout: '1h' },
  // At most 24 frames of one picture: seconds.
  card: { startToCloseTimeout: '1h' },
  // Seconds on a CPU.
  measure: { startToCloseTimeout: '1h' },
  // A thousand letters: a second with a small voice, a minute with a large one.
  speech: { startToCloseTimeout: '1h' },
  // Some seconds for each minute of film.
  sound: { startToCloseTimeout: '2h' },
  // At most 24 frames, scaled and encoded: minutes at 4K with a slow codec on a busy CPU.
  rendition: { startToCloseTimeout: '4h' },
  // The whole film decoded, and small pictures of it encoded.
  preview: { startToCloseTimeout: '4h' },
  // A remux at the speed of disk and network; a film is a few gigabytes at most.
  film: { startToCloseTimeout: '2h' },
} as const satisfies Readonly<Record<StageName, StageRule>>;

/** Publishing copies inside S3 and draws two pictures. */
export const publishRule = { startToCloseTimeout: '1h' } as const satisfies StageRule;

/** Scores are formulas over a few kilobytes. */
export const scoreRule = { startToCloseTimeout: '1h' } as const satisfies StageRule;

/**
 * Rank of all tasks of stories, whatever their stage: Temporal serves tenants in turn within a rank alone, so a rank for what
 * continues a story would let the chains of one tenant go before the first clips of all others. Within a tenant the older task goes first.
 */
export const storyPriority = 3;

/** Rank of all that campaigns ask for: nobody waits in front of a screen. Smaller goes first, 1…5. */
export const backgroundPriority = 5;

/**
 * How often a failure of a type is tried again by the workflow. These are failures of our own making, so more of the same
 * would only cost time; all others are weather (storage away, memory short, worker gone) and left to `stagePolicy.retry`.
 */
export const rerunsOf: Readonly<Record<string, number>> = {
  // The encoder's trouble may be a truncated file on a disk that has space again; twice is no accident.
  MEDIA_FAILED: 1,
  // A bug. Three attempts tell a race from a rule.
  INTERNAL: 2,
};

/** How often one artifact is made again in a workflow. A store that keeps losing it needs an operator. */
export const remakesPerArtifact = 3;

/** What holds for every stage. */
export const stagePolicy = {
  // Engines report each step, and workers beat at least each second while they wait: 15 s of silence is a dead process.
  heartbeatTimeout: '15s',
  // Queueing and all attempts together: a weekend without storage or without a worker ends a story, less does not.
  scheduleToCloseTimeout: '3d',
  // The pool must be free when the UI says that the work was cancelled.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  // Up to two minutes apart: a store that is away for hours costs a few log lines, and work goes on soon after it is back.
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '2m',
    nonRetryableErrorTypes: Object.keys(rerunsOf),
  },
} as const satisfies ActivityOptions;
