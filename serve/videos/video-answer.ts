import { z } from 'zod';
import type { ProblemAnswer, StoryAnswer } from '../answers.ts';

/** Answers of `/v1/videos`, in the words of OpenAI's interface. */

const seconds = z.number().int().describe('Unix time.');

/** A video: a story as clients of OpenAI's interface read it. */
export const videoAnswer = z
  .object({
    object: z.literal('video'),
    id: z.string().describe('Id of its story.'),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
    progress: z.number().int().min(0).max(100).describe('Percent of the tasks.'),
    created_at: seconds,
    completed_at: seconds.nullable(),
    expires_at: seconds.nullable().describe('Always null: films stay until somebody deletes them.'),
    model: z.string().describe('Model set.'),
    prompt: z.string().nullable().describe('Words of its first shot.'),
    seconds: z.string(),
    size: z.string().describe('`1280x720`.'),
    remixed_from_video_id: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    eta_seconds: z.number().nonnegative().nullable(),
    story: z.string().describe('Address of its story, which tells more.'),
  })
  .meta({ id: 'Video' });

/** A video as it is answered. */
export type VideoAnswer = z.infer<typeof videoAnswer>;

/** Videos. */
export const videoListAnswer = z
  .object({
    object: z.literal('list'),
    data: z.array(videoAnswer),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: 'VideoList' });

/** A video that is gone. */
export const deletedAnswer = z
  .object({ object: z.literal('video.deleted'), id: z.string(), deleted: z.literal(true) })
  .meta({ id: 'VideoDeleted' });

/** An error in the form that those clients read. */
export const videoProblem = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.enum(['invalid_request_error', 'authentication_error', 'server_error', 'rate_limit_error']),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .meta({ id: 'VideoProblem' });

const unixTime = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

/** A story as a video. Pure. `prompt`: words of its first shot as they were sent; `from`: the video that it was made of. */
export function videoOf(story: StoryAnswer, prompt: string | null, from: string | null): VideoAnswer {
  const { width, height } = story.output;
  const status = statusOf(story);
  const { done, of } = story.progress;
  const failure =
    story.failure ?? (status === 'failed' ? { code: story.state, message: `it was ${story.state}` } : null);
  return {
    object: 'video',
    id: story.id,
    status,
    // 100 means that there is a film.
    progress: status === 'completed' ? 100 : Math.min(99, Math.floor((100 * done) / Math.max(1, of))),
    created_at: unixTime(story.created_at),
    completed_at: status === 'completed' && story.ended_at !== null ? unixTime(story.ended_at) : null,
    expires_at: null,
    model: story.models,
    prompt,
    seconds: String(Number(story.seconds.toFixed(3))),
    size: `${String(width)}x${String(height)}`,
    remixed_from_video_id: from,
    error: failure === null ? null : { code: failure.code.toLowerCase(), message: failure.message },
    eta_seconds: story.eta_seconds,
    story: `/v1/stories/${encodeURIComponent(story.id)}`,
  };
}

function statusOf({ state, items }: StoryAnswer): VideoAnswer['status'] {
  switch (state) {
    case 'done':
      return 'completed';
    case 'running':
    case 'paused':
    case 'stitching':
      return items.every((item) => item.state === 'waiting' || item.state === 'queued') ? 'queued' : 'in_progress';
    default:
      return 'failed';
  }
}

/** A problem in the form that clients of `/v1/videos` read. What a script lacks is a wrong request to them. */
export function videoProblemOf(problem: ProblemAnswer): { status: number; body: z.infer<typeof videoProblem> } {
  const status = problem.status === 422 ? 400 : problem.status;
  const type =
    status === 401 || status === 403
      ? 'authentication_error'
      : status === 429
        ? 'rate_limit_error'
        : status >= 500
          ? 'server_error'
          : 'invalid_request_error';
  const next = problem.next === null || problem.detail.includes(problem.next) ? '' : `; ${problem.next}`;
  return {
    status,
    body: {
      error: {
        message: `${problem.detail}${next}`,
        type,
        param: problem.path,
        code: problem.code.toLowerCase(),
      },
    },
  };
}
