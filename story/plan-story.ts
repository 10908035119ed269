import { describeClips } from './clip-settings.ts';
import type { ClipSettings } from './clip-settings.ts';
import { freeInitProblems } from './freeinit.ts';
import { dissolveFrames, interpolatedFrames, joinRun, shotRun } from './frame-runs.ts';
import type { ModelSetRef } from './model-set.ts';
import type { JoinPlan, ShotPlan, StoryPlan, TimelineEntry } from './plan.ts';
import { methodProblems } from './method-problems.ts';
import { subjectOf } from './placeholders.ts';
import { planClip } from './plan-clip.ts';
import { planPictures } from './plan-pictures.ts';
import { lengthProblems } from './shot-length.ts';
import type { Join, OutputSettings, Shot, StoryScript } from './script.ts';
import { invalidScript } from './script-problems.ts';
import { cutIntoSegments } from './segments.ts';
import type { FrameRun } from './segments.ts';
import { hashOf, taskOf } from './task-key.ts';
import type {
  BaseTask,
  CompletionTask,
  DissolveTask,
  FilmTask,
  InterpTask,
  PictureTask,
  SegmentTask,
  StageTask,
  TransitionTask,
} from './task.ts';

/** A task and the item it belongs to: `shot dawn`, `join dawn+storm` or `film`. */
export interface PlannedTask {
  readonly item: string;
  readonly task: StageTask;
}

/**
 * Plans a story: every task with its artifact key, every film frame with its origin. A pure function of script and model
 * set, safe inside Temporal's workflow sandbox.
 *
 * @throws PipelineError `MODEL_INVALID` when the set lacks a role that the story needs or its parts do not fit together;
 * `SCRIPT_INVALID` with every shot whose length or FreeInit does not suit the set, in `details.problems`.
 */
export function planStory(script: StoryScript, models: ModelSetRef): StoryPlan {
  const clips = describeClips(models);
  const problems = [
    ...lengthProblems(script, clips.numKeys),
    ...freeInitProblems(script, clips.freeinit),
    ...methodProblems(script, models),
  ];
  if (problems.length > 0) throw invalidScript(script.title, problems);
  const shots: ShotPlan[] = [];
  for (const [index, shot] of script.shots.entries()) {
    shots.push(planShot(shot, { index, script, clips, before: shots[index - 1] }));
  }
  const joins = script.shots.flatMap((shot, index) => planJoin(shot, index, script, shots, clips));
  const items = inFilmOrder(shots, joins);
  const timeline = timelineOf(items);
  const numFrames = timeline.reduce((sum, entry) => sum + entry.numFrames, 0);
  return {
    title: script.title,
    slug: slugOf(script.title),
    scriptHash: hashOf(script).slice(0, 12),
    output: script.output,
    shots,
    joins,
    timeline,
    film: taskOf<FilmTask>({
      stage: 'film',
      params: { ...script.output, frames: numFrames },
      inputs: items.flatMap((item) => item.segments.map((segment) => segment.key)),
      packages: {},
    }),
    numFrames,
    seconds: numFrames / script.output.fps,
  };
}

/** The name of a shot or join in status, logs and manifest. */
export function itemName(item: ShotPlan | JoinPlan): string {
  return `${item.kind} ${item.id}`;
}

/** All tasks of a plan, each after the ones it depends on. Shots that are alike in every respect share a key and both appear. */
export function tasksOf(plan: StoryPlan): PlannedTask[] {
  const of = (item: ShotPlan | JoinPlan, tasks: readonly StageTask[]): PlannedTask[] =>
    tasks.map((task) => ({ item: itemName(item), task }));
  return [
    ...plan.shots.flatMap((shot) => of(shot, [...pictureTasks(shot), ...clipTasks(shot), ...shot.segments])),
    ...plan.joins.flatMap((join) => of(join, [...clipTasks(join), ...join.segments])),
    { item: 'film', task: plan.film },
  ];
}

/** The tasks that encode the pictures of a shot, each once; a join has none. */
export function pictureTasks(item: ShotPlan | JoinPlan): readonly PictureTask[] {
  const pictures = item.kind === 'shot' ? (item.pictures ?? []) : [];
  return [...new Map(pictures.map(({ task }) => [task.key, task])).values()];
}

/** What a shot is made from, in words: `continues dawn, hero.png at frame 0`; `null` when from its prompt alone. */
export function givenWords({ continues, pictures = [], subject }: ShotPlan): string | null {
  const words = [
    ...(subject === undefined ? [] : [`shows ${subject}`]),
    ...(continues === undefined ? [] : [`continues ${continues}`]),
    ...pictures.map(({ frame, source }) => `${source} at frame ${frame}`),
  ];
  return words.length === 0 ? null : words.join(', ');
}

/** The tasks that make an item's clip, one after the other, without its segments. */
export function clipTasks(item: ShotPlan | JoinPlan): readonly StageTask[] {
  if (item.kind === 'shot') return [...(item.earlier ?? []), item.base, item.interp];
  return item.work.kind === 'seine' ? [item.work.transition, item.work.interp] : [item.work.dissolve];
}

interface ShotPlace {
  readonly index: number;
  readonly script: StoryScript;
  readonly clips: ClipSettings;
  /** Plan of the shot before. */
  readonly before: ShotPlan | undefined;
}

function planShot(shot: Shot, { index, script, clips, before }: ShotPlace): ShotPlan {
  const continued = shot.join?.kind === 'continue' ? before : undefined;
  const pictures = planPictures(shot, index, clips);
  const subject = subjectOf(shot, script.subjects);
  const { base, earlier } = planClip(shot, { continued, pictures, subject, fps: script.output.fps }, clips);
  const interp = planInterp(base, shot, clips);
  const run = shotRun(interpolatedFrames(base.params.frames), shot.join, script.shots[index + 1]?.join ?? null);
  return {
    kind: 'shot',
    id: shot.id,
    index,
    prompt: shot.prompts?.map(({ prompt }) => prompt).join(' → ') ?? shot.prompt,
    ...(continued === undefined ? {} : { continues: continued.id }),
    ...(pictures.length === 0 ? {} : { pictures }),
    ...(subject === null ? {} : { subject: subject.name }),
    base,
    ...(earlier.length === 0 ? {} : { earlier }),
    interp,
    segments: planSegments(interp, run, script.output, clips),
  };
}

/** The join in front of a shot, when it needs work. */
function planJoin(
  shot: Shot,
  index: number,
  script: StoryScript,
  shots: readonly ShotPlan[],
  clips: ClipSettings,
): JoinPlan[] {
  const { join } = shot;
  const before = shots[index - 1];
  const after = shots[index];
  if (join === null || join.kind === 'cut' || join.kind === 'continue' || before === undefined || after === undefined)
    return [];
  const work = join.kind === 'seine' ? planSeine(join, shot, before, after, clips) : planDissolve(before, after);
  const clip = work.kind === 'seine' ? work.interp : work.dissolve;
  return [
    {
      kind: 'join',
      id: `${before.id}+${after.id}`,
      index: index - 1,
      before: before.id,
      after: after.id,
      work,
      segments: planSegments(clip, joinRun(join, clips.numFrames), script.output, clips),
    },
  ];
}

/** A join is sampled as the shot that it leads to, with a seed of its own that follows from both neighbours'. */
function planSeine(
  join: Join & { kind: 'seine' },
  shot: Shot,
  before: ShotPlan,
  after: ShotPlan,
  clips: ClipSettings,
): JoinPlan['work'] {
  const transition = taskOf<TransitionTask>({
    stage: 'transition',
    params: {
      ...clips.transition(join.prompt, shot.sampling, [before.base.params.seed, after.base.params.seed]),
      known: join.known,
    },
    inputs: [before.base.key, after.base.key],
    packages: clips.packages('text', 'transition'),
  });
  return { kind: 'seine', transition, interp: planInterp(transition, shot, clips) };
}

function planDissolve(before: ShotPlan, after: ShotPlan): JoinPlan['work'] {
  const dissolve = taskOf<DissolveTask>({
    stage: 'dissolve',
    params: { frames: dissolveFrames },
    inputs: [before.interp.key, after.interp.key],
    packages: {},
  });
  return { kind: 'dissolve', dissolve };
}

function planInterp(keys: BaseTask | CompletionTask | TransitionTask, shot: Shot, clips: ClipSettings): InterpTask {
  return taskOf<InterpTask>({
    stage: 'interp',
    params: clips.interp(keys.params, shot.sampling.quality),
    inputs: [keys.key],
    packages: clips.packages('text', 'interp', 'vae'),
  });
}

function planSegments(
  clip: InterpTask | DissolveTask,
  run: FrameRun,
  output: OutputSettings,
  clips: ClipSettings,
): SegmentTask[] {
  return cutIntoSegments(run).map((piece) =>
    taskOf<SegmentTask>({
      stage: 'segment',
      params: { ...piece, width: output.width, height: output.height, fps: output.fps },
      inputs: [clip.key],
      packages: clips.packages('upscale'),
    }),
  );
}

function inFilmOrder(shots: readonly ShotPlan[], joins: readonly JoinPlan[]): (ShotPlan | JoinPlan)[] {
  return shots.flatMap((shot) => [...joins.filter((join) => join.index === shot.index - 1), shot]);
}

function timelineOf(items: readonly (ShotPlan | JoinPlan)[]): TimelineEntry[] {
  let firstFrame = 0;
  return items.map((item) => {
    const numFrames = item.segments.reduce((sum, segment) => sum + segment.params.count, 0);
    const entry = { item: itemName(item), kind: item.kind, firstFrame, numFrames };
    firstFrame += numFrames;
    return entry;
  });
}

/** A title as part of a workflow id: lower-case ASCII letters, digits and single hyphens, at most 40 characters. */
function slugOf(title: string): string {
  const words =
    title
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 40).replace(/-$/, '') || 'story';
}
