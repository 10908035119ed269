import { AV_LOG_FATAL, AVERROR_ENOMEM, AVERROR_ENOSPC } from 'node-av/constants';
import { FFmpegError, Log, Rational } from 'node-av/lib';

import { diskFull } from '../errors/disk-full.ts';
import { PipelineError } from '../errors/pipeline-error.ts';

/**
 * The error border to FFmpeg: its calls return a status, negative when they failed. Everything in this folder passes the
 * status through `checked`, so that no failure is lost and each has a code of ours.
 */

/** What an FFmpeg call works on, for the message of its failure. */
export interface MediaStep {
  /** Present participle and object: `writing the header`. */
  readonly doing: string;
  readonly file: string;
}

/**
 * Passes a good status on.
 * @throws PipelineError `RESOURCE_DISK`, `RESOURCE_MEMORY` or `MEDIA_FAILED`.
 */
export function checked(status: number, step: MediaStep): number {
  if (status === AVERROR_ENOSPC) throw diskFull(step.file);
  if (status === AVERROR_ENOMEM) {
    throw new PipelineError(
      'RESOURCE_MEMORY',
      `FFmpeg ran out of memory ${step.doing} of ${step.file}; use fewer frames per call`,
      {
        details: { ...step },
      },
    );
  }
  return checkedRead(status, step);
}

/**
 * `checked` for calls that only read. A damaged file can make FFmpeg ask for absurd amounts of memory, so running out of
 * it says nothing about this machine.
 * @throws PipelineError `MEDIA_FAILED`.
 */
export function checkedRead(status: number, step: MediaStep): number {
  if (status >= 0) return status;
  throw mediaFailed(
    `FFmpeg failed ${step.doing} of ${step.file}: ${FFmpegError.strerror(status)} (${String(status)})`,
    { ...step, status },
  );
}

/** A `MEDIA_FAILED` error. */
export function mediaFailed(message: string, details: Record<string, unknown>): PipelineError {
  return new PipelineError('MEDIA_FAILED', message, { details });
}

/** Keeps FFmpeg's own log off stderr: failures are reported by status. The level is one per process, setting it again is free. */
export function quietFfmpeg(): void {
  Log.setLevel(AV_LOG_FATAL);
}

/** A rate as a fraction: 24 frames per second are 24/1, 23.976… are 24000/1001. What is not whole is a whole rate slowed down by 1001/1000. */
export function rationalRate(fps: number): Rational {
  return Number.isInteger(fps) ? new Rational(fps, 1) : new Rational(Math.round((fps * 1001) / 1000) * 1000, 1001);
}
