import { describe, expect, test } from '@jest/globals';
import { exampleSnapshot, exampleStatus } from '../../test/fakes/example-snapshot.ts';
import { exampleAnswer } from '../../test/fakes/example-moment.ts';
import { problemOf, RequestError } from '../problem.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { videoAnswer, videoOf, videoProblem, videoProblemOf } from './video-answer.ts';

describe('a story as a video', () => {
  test('keeps to its schema, with times in seconds and numbers as texts, as clients read them', () => {
    const video = videoOf(exampleAnswer(), 'a red boat', 'story-other');
    expect(videoAnswer.parse(video)).toEqual(video);
    expect(video).toMatchObject({
      object: 'video',
      status: 'in_progress',
      progress: 28,
      created_at: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
      completed_at: null,
      prompt: 'a red boat',
      size: '3840x2160',
      remixed_from_video_id: 'story-other',
      error: null,
    });
    expect(Number(video.seconds)).toBeCloseTo(exampleAnswer().seconds, 3);
  });

  test('waits while no task has begun, and is never whole before there is a film', () => {
    const answer = exampleAnswer();
    const waiting = { ...answer, items: answer.items.map((item) => ({ ...item, state: 'queued' as const })) };
    expect(videoOf(waiting, null, null).status).toBe('queued');
    expect(videoOf({ ...answer, progress: { done: 14, of: 14, cache_hits: 0 } }, null, null).progress).toBe(99);
    expect(videoOf({ ...answer, progress: { done: 0, of: 0, cache_hits: 0 } }, null, null).progress).toBe(0);
  });

  test('whatever ended without a film has failed, with a reason', () => {
    const snapshot = { ...exampleSnapshot(), status: { ...exampleStatus(), failure: null } };
    for (const workflow of ['CANCELLED', 'TERMINATED', 'TIMED_OUT']) {
      const video = videoOf(exampleAnswer({ workflow, endMs: Date.UTC(2026, 0, 2), snapshot }), null, null);
      expect([video.status, video.completed_at]).toEqual(['failed', null]);
      expect(video.error?.code).toMatch(/^(cancelled|terminated|timed_out)$/);
    }
  });
});

describe('a problem of a video', () => {
  test('has the form and the statuses that the clients have classes for', () => {
    const script = videoProblemOf(problemOf(new PipelineError('SCRIPT_INVALID', 'shots[0].prompt is empty')));
    expect(script).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', code: 'script_invalid' } },
    });
    const key = videoProblemOf(problemOf(new RequestError('KEY_MISSING', 'no key', 'send one')));
    expect(key).toMatchObject({
      status: 401,
      body: { error: { type: 'authentication_error', message: 'no key; send one' } },
    });
    expect(videoProblemOf(problemOf(new RequestError('TOO_MANY', 'busy'))).body.error.type).toBe('rate_limit_error');
    const own = videoProblemOf(problemOf(new Error('secret')));
    expect(own.status).toBe(500);
    expect(own.body.error).toMatchObject({ type: 'server_error', message: expect.not.stringContaining('secret') });
    expect(videoProblem.parse(own.body)).toEqual(own.body);
  });
});
