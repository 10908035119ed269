import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { StoryResult } from '../../workflows/contracts.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { causes } from '../../errors/error-causes.ts';
import { explainFailure } from '../../client/story-failure.ts';
import type { StoryFailure } from '../../client/story-failure.ts';
import type { IdlePools } from '../../client/idle-pools.ts';
import { fetchSnapshot } from '../../client/progress-source.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import type { StoryObserver } from '../board/story-observer.ts';

/** How following a story ends. */
export type StoryEnd =
  | { readonly kind: 'film'; readonly film: StoryResult }
  | { readonly kind: 'failure'; readonly failure: StoryFailure }
  | { readonly kind: 'detached' };

/** Twice a second: a step of the pocket models takes about as long, and the board draws no more often. */
const pollMs = 500;

/**
 * Follows a story to its end, or until `signal` fires, which leaves the story alone. Survives restarts of Temporal: a
 * server or a worker that does not answer is a notice, not an end; so is a pool of `pools` that nobody serves.
 */
export async function followStory(
  client: Client,
  story: StoryHandle,
  observer: StoryObserver,
  signal: AbortSignal,
  pools: IdlePools | null,
): Promise<StoryEnd> {
  const stopped = new AbortController();
  const leave = new Promise<StoryEnd>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve({ kind: 'detached' });
      },
      { once: true },
    );
    if (signal.aborted) resolve({ kind: 'detached' });
  });
  const watching = watch(client, story, observer, stopped.signal, pools);
  try {
    return await Promise.race([leave, endOf(story, observer, stopped.signal)]);
  } finally {
    stopped.abort();
    await watching;
  }
}

async function watch(
  client: Client,
  story: StoryHandle,
  observer: StoryObserver,
  stopped: AbortSignal,
  pools: IdlePools | null,
): Promise<void> {
  const end = aborted(stopped);
  while (!stopped.aborted) {
    try {
      const snapshot = await Promise.race([fetchSnapshot(client, story), end]);
      if (snapshot === null) return;
      observer.snapshot(snapshot);
      const isPaused = snapshot.status.state === 'paused';
      const idle = pools === null || isPaused ? null : await pools.look(snapshot, Date.now());
      observer.trouble(isPaused ? `it is paused; \`shotline resume ${story.id}\` goes on with it` : idle);
    } catch (error) {
      observer.trouble(newsOf(error));
    }
    await pause(pollMs, stopped);
  }
}

/** What a silent server is told as: the story goes on without us, and waits for it. */
const silentServer = (found: string): string =>
  `Temporal does not answer (${found.replace(/ Resolution note: ?$/, '')}); the story waits for it: start it again, on this machine with \`shotline stack up\``;

function newsOf(error: unknown): string {
  const grpc = [...causes(error)].find(isGrpcServiceError);
  if (grpc !== undefined && unavailable.has(grpc.code)) return silentServer(firstLine(grpc.message));
  return `no news from the story: ${error instanceof Error ? firstLine(error.message) : String(error)}`;
}

/** UNAVAILABLE (grpc/status.proto). */
const unavailable: ReadonlySet<number> = new Set([14]);
/** INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED: asking again gets the same answer (grpc/status.proto). */
const hopeless: ReadonlySet<number> = new Set([3, 7, 16]);

async function endOf(story: StoryHandle, observer: StoryObserver, stopped: AbortSignal): Promise<StoryEnd> {
  for (;;) {
    try {
      return { kind: 'film', film: await story.result() };
    } catch (error) {
      const grpc = [...causes(error)].find(isGrpcServiceError);
      if (error instanceof AbsentError || stopped.aborted) throw error;
      if (grpc === undefined) return { kind: 'failure', failure: explainFailure(error) };
      if (hopeless.has(grpc.code)) throw error;
      observer.trouble(silentServer(firstLine(grpc.message)));
      await pause(1000, stopped);
    }
  }
}

async function pause(durationMs: number, stopped: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, { signal: stopped });
  } catch {
    // Only an abort ends a delay early, and the loop looks at the signal itself.
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve(null);
      },
      { once: true },
    );
  });
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
