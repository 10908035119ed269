import type { ArtifactRef, StageResult, TaskRun } from '../plan/task-run.ts';
import type { PublishedFilm, PublishedOutput } from './published-film.ts';
import type { GateDecision } from '../script/gate.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { soundItem } from '../plan/plan-sound.ts';
import { tasksOf } from '../plan/task-list.ts';
import type { PlannedTask } from '../plan/plan.ts';
import type { StoryPlan, TimelineEntry } from '../plan/plan.ts';
import { totalsOfRuns } from './run-totals.ts';
import type { RunTotals } from './run-totals.ts';
import type { StoryScript } from '../script/script.ts';
import { madeInputs, type StageTask } from '../plan/task.ts';

type Recipe<Task> = Task extends StageTask ? Omit<Task, 'inputs'> : never;

/** One task of a film: its recipe, and how it was made or found. */
export type ManifestTask = Recipe<StageTask> & {
  /** Keys of what it read of other tasks. */
  readonly inputs: readonly string[];
  /** How it went; `null` when nothing ran, because a later artifact was there already. */
  readonly run: (Omit<StageResult, 'artifact'> & Omit<ArtifactRef, 'key'>) | null;
};

/** Where a published film is, without the URLs: those are signed, expire, and have no place in a document that stays. */
export type PublishedKeys = Pick<
  PublishedFilm,
  | 'bucket'
  | 'filmKey'
  | 'posterKey'
  | 'storyboardKey'
  | 'manifestKey'
  | 'captionsKey'
  | 'subtitlesKey'
  | 'width'
  | 'height'
  | 'fps'
  | 'frames'
  | 'seconds'
  | 'bytes'
>;

/** A further file of a film. */
export interface ManifestOutput extends Omit<PublishedOutput, 'url'> {
  readonly tasks: readonly ManifestTask[];
}

/** How every frame of a film came to be. */
export interface FilmManifest {
  readonly format: 1;
  readonly title: string;
  /** Workflow id of the story. */
  readonly storyId: string;
  readonly film: PublishedKeys;
  readonly script: StoryScript;
  readonly models: ModelSetRef;
  /** Runs of film frames in order, each with the tasks that made it. */
  readonly timeline: readonly (TimelineEntry & { readonly tasks: readonly ManifestTask[] })[];
  /** The tasks that made the sound, the mix last; absent when the film has none. */
  readonly sound?: readonly ManifestTask[];
  /** The task that put the segments together. */
  readonly assembly: ManifestTask;
  /** The tasks that made its segments anew in its codec; absent when they are taken as they are. */
  readonly renditions?: readonly ManifestTask[];
  /** Further files, each with the tasks that are its own; absent when there are none. */
  readonly outputs?: readonly ManifestOutput[];
  readonly measures: RunTotals;
  /** What the gates of its shots came to: every take with its scores, and which one the film shows; absent without gates. */
  readonly gates?: readonly GateDecision[];
}

/** What a manifest is made of. */
export interface FilmRecord {
  readonly storyId: string;
  readonly plan: StoryPlan;
  readonly script: StoryScript;
  readonly models: ModelSetRef;
  /** All runs of the story; when a task ran more than once, the last one counts. */
  readonly runs: readonly TaskRun[];
  /** When the story started, Unix milliseconds. */
  readonly startedMs: number;
  readonly published: PublishedKeys & Pick<PublishedFilm, 'outputs'>;
  readonly gates?: readonly GateDecision[];
}

/** Builds the manifest of a film. Pure. */
export function buildFilmManifest(record: FilmRecord): FilmManifest {
  const { plan, published } = record;
  const planned = tasksOf(plan);
  const lastRun = new Map(record.runs.map((run) => [run.result.artifact.key, run]));
  const described = (item: string): ManifestTask[] =>
    planned.filter((entry) => entry.item === item).map((entry) => describeTask(entry, lastRun));
  return {
    format: 1,
    title: plan.title,
    storyId: record.storyId,
    film: keysOf(published),
    script: record.script,
    models: record.models,
    timeline: plan.timeline.map((entry) => ({ ...entry, tasks: described(entry.item) })),
    ...(plan.sound === undefined ? {} : { sound: described(soundItem) }),
    assembly: describeTask({ item: 'film', task: plan.film }, lastRun),
    ...(plan.renditions === undefined
      ? {}
      : {
          renditions: plan.renditions
            .filter(({ item }) => item === 'film')
            .map((entry) => describeTask(entry, lastRun)),
        }),
    ...(published.outputs === undefined
      ? {}
      : {
          outputs: published.outputs.map(({ url: _, ...output }) => ({
            ...output,
            tasks: described(`output ${output.name}`),
          })),
        }),
    measures: totalsOfRuns(planned, record.runs, record.startedMs),
    ...(record.gates === undefined ? {} : { gates: record.gates }),
  };
}

function describeTask({ task }: PlannedTask, lastRun: ReadonlyMap<string, TaskRun>): ManifestTask {
  const result = lastRun.get(task.key)?.result;
  const described = { ...task, inputs: madeInputs(task) };
  if (result === undefined) return { ...described, run: null };
  const { artifact, ...rest } = result;
  return { ...described, run: { sha256: artifact.sha256, bytes: artifact.bytes, ...rest } };
}

/** Field by field, so that a whole `PublishedFilm` may be handed in and its URLs stay out. */
function keysOf(published: PublishedKeys): PublishedKeys {
  const { bucket, filmKey, posterKey, storyboardKey, manifestKey } = published;
  const { captionsKey, subtitlesKey, width, height, fps, frames, seconds, bytes } = published;
  return {
    bucket,
    filmKey,
    posterKey,
    storyboardKey,
    manifestKey,
    ...(captionsKey === undefined ? {} : { captionsKey }),
    ...(subtitlesKey === undefined ? {} : { subtitlesKey }),
    width,
    height,
    fps,
    frames,
    seconds,
    bytes,
  };
}
