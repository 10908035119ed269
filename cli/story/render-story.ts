import type { Environment } from '../../storage/config.ts';
import { basename } from 'node:path';
import type { StoryResult } from '../../workflows/contracts.ts';
import type { Cli } from '../shell/cli.ts';
import { exitCodeOf } from '../shell/exit-codes.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { filmJson, filmLines, receiptLine } from './film-report.ts';
import { followStory } from './follow-story.ts';
import type { StoryEnd } from './follow-story.ts';
import type { PreparedStory } from '../../client/prepare-story.ts';
import type { PictureOptions } from './prepare-story.ts';
import { expectedMsOf } from '../../client/pace.ts';
import { IdlePools } from '../../client/idle-pools.ts';
import { openProgressView } from '../board/progress-view.ts';
import { pathFor, saveObject } from './saved-file.ts';
import { submitPrepared } from '../../client/submit-prepared.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import { failureJson, failureLines } from '../../client/story-failure.ts';
import type { Backend } from '../stack/backend.ts';
import { clock } from '../shell/time-format.ts';
import { withBucket } from '../../client/bucket.ts';
import { workflowPage } from '../../client/workflow-page.ts';

/** How a story is followed and reported. */
export interface FollowOptions extends PictureOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly detach?: boolean;
  /** Where the film is saved. */
  readonly save?: string;
}

/** Uploads what the bucket lacks of the story's models, submits the story, and follows it to its end. */
export async function renderStory(
  cli: Cli,
  backend: Backend,
  story: PreparedStory,
  options: FollowOptions & { readonly tenant?: string },
): Promise<Outcome> {
  const startedMs = Date.now();
  const submitted = await submitPrepared(backend, story, options.tenant);
  note(cli, options, `${story.script.title}: ${receiptLine(submitted.receipt)}`);
  note(cli, options, `story ${story.workflowId}`);
  const page = workflowPage(backend.temporal, story.workflowId);
  if (page !== null) note(cli, options, `      ${page}`);
  if (options.detach === true) {
    const { frames, seconds, tasks } = submitted.receipt;
    if (options.json === true) {
      cli.terminal.out(JSON.stringify({ workflowId: story.workflowId, detached: true, frames, seconds, tasks }));
    } else cli.terminal.out(story.workflowId);
    return 'ok';
  }
  return followToEnd(cli, backend, submitted.story, options, startedMs);
}

/** Follows a story to its end and reports it. `startedMs` is when the wait began. */
export async function followToEnd(
  cli: Cli,
  backend: Backend,
  story: StoryHandle,
  options: FollowOptions,
  startedMs: number,
): Promise<Outcome> {
  // Without a plan there is no time that is left; the rest of the board stands without it.
  const expected = await story.plan().then(expectedMsOf, () => ({}));
  const view = openProgressView(cli.terminal, { quiet: options.quiet === true, startedMs, expected });
  let end: StoryEnd;
  try {
    end = await followStory(backend.client, story, view, cli.interruption(), idlePoolsOf(backend));
  } finally {
    view.close();
  }
  const elapsedMs = Date.now() - startedMs;
  const saved = end.kind === 'film' ? await saveFilm(cli, backend.env, end.film, options) : null;
  return reportEnd(cli, story.id, end, { ...options, saved, elapsedMs });
}

/** Watches the pools of a backend. */
function idlePoolsOf({ client, temporal }: Backend): IdlePools {
  return IdlePools.on(client, temporal.namespace, temporal.queues);
}

/** The file of a film; `null` when none was asked for. */
async function saveFilm(cli: Cli, env: Environment, film: StoryResult, options: FollowOptions): Promise<string | null> {
  if (options.save === undefined) return null;
  const file = await pathFor(options.save, basename(film.filmKey), film.storyId);
  await withBucket(env, (objects) =>
    saveObject(objects, film.filmKey, file, { terminal: cli.terminal, quiet: options.quiet === true }),
  );
  return file;
}

interface EndOptions extends FollowOptions {
  readonly saved: string | null;
  readonly elapsedMs: number;
}

function reportEnd(cli: Cli, id: string, end: StoryEnd, options: EndOptions): Outcome {
  const { terminal } = cli;
  const { elapsedMs, saved } = options;
  switch (end.kind) {
    case 'film':
      if (options.json === true)
        terminal.out(JSON.stringify({ ...filmJson(end.film, elapsedMs), ...(saved === null ? {} : { file: saved }) }));
      else for (const line of filmLines(end.film, elapsedMs, saved)) terminal.out(line);
      return 'ok';
    case 'detached':
      if (options.json === true) terminal.out(JSON.stringify({ workflowId: id, detached: true }));
      for (const line of detachedLines(id, elapsedMs)) terminal.note(line);
      return 'detached';
    case 'failure': {
      const { failure } = end;
      const outcome: Outcome = failure.kind === 'cancelled' ? 'cancelled' : 'failed';
      if (options.json === true) terminal.out(JSON.stringify(failureJson(failure, id, exitCodeOf(outcome))));
      for (const line of failureLines(failure, id)) terminal.note(line);
      return outcome;
    }
  }
}

/** What a person who left needs to know. */
export function detachedLines(id: string, elapsedMs: number): string[] {
  return [
    `left after ${clock(elapsedMs)}; the render goes on`,
    `  watch it:   shotline watch ${id}`,
    `  stop it:    shotline cancel ${id}`,
  ];
}

/** A line for people: not when they asked for silence. */
function note(cli: Cli, options: FollowOptions, line: string): void {
  if (options.quiet !== true) cli.terminal.note(line);
}
