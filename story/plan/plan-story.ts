import { PipelineError } from '../../errors/pipeline-error.ts';
import { planBurns } from './burns.ts';
import { captionProblems } from './captions.ts';
import { planCards } from './cards.ts';
import type { PlannedCards } from './cards.ts';
import { describeClips } from './clip-settings.ts';
import type { ClipSettings } from './clip-settings.ts';
import type { EnhanceParams } from './enhance-settings.ts';
import { freeInitProblems } from './freeinit.ts';
import { interpolatedFrames, seineSpan } from './frame-runs.ts';
import type { FilmSpan, ShotSpan } from './frame-runs.ts';
import { isMixing, mixedFrames, takenFrames } from '../script/join-length.ts';
import type { MixingJoin } from '../script/join-length.ts';
import { focusesOf, middle } from './framing.ts';
import type { FocusRun } from './framing.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { isMade, madeShots } from './plan.ts';
import type {
  CardPlan,
  FootageShot,
  JoinPlan,
  MadeShot,
  PlannedBurn,
  PlannedTask,
  ShotPlan,
  StoryPlan,
  TimelineEntry,
} from './plan.ts';
import { footageWords, foundOf, keysOfEnd, partsWith } from './footage.ts';
import { methodProblems } from './method-problems.ts';
import { subjectOf } from '../script/placeholders.ts';
import { planClip } from './plan-clip.ts';
import { planFiles } from './plan-outputs.ts';
import { planPictures } from './plan-pictures.ts';
import { withJoinSeconds } from './recorded-joins.ts';
import { lengthProblems, spansOf } from './shot-length.ts';
import { planSegments } from './plan-segments.ts';
import { cutIntoSegments } from './segments.ts';
import { planSound, soundItem, soundTasks } from './plan-sound.ts';
import { voiceProblems } from './plan-voices.ts';
import { sizeProblems } from './story-size.ts';
import type { SegmentSource } from './plan-segments.ts';
import type { Join, OutputSettings, OwnClip, Shot, StoryScript } from '../script/script.ts';
import { invalidScript } from '../script/script-problems.ts';
import { hashOf } from '../script/content-hash.ts';
import { taskOf } from './task-key.ts';
import { nameOf } from './task.ts';
import type {
  ArtifactName,
  BaseTask,
  CompletionTask,
  DenoiseParams,
  DissolveTask,
  EncodeTask,
  InterpTask,
  MixTask,
  Pace,
  PictureTask,
  SegmentTask,
  StageTask,
  TransitionTask,
} from './task.ts';

/**
 * Plans a story: every task with its artifact key, every film frame with its origin. A pure function of script and model
 * set, safe inside Temporal's workflow sandbox.
 *
 * @throws PipelineError `MODEL_INVALID` when the set lacks a role that the story needs or its parts do not fit together;
 * `SCRIPT_INVALID` with every shot whose length or FreeInit does not suit the set, or with a story that is too large, in
 * `details.problems`.
 *
 * @example
 * ```ts
 * import type { ModelSetRef } from '../models/model-set.ts';
 * import type { StoryScript } from '../script/script.ts';
 * import { planStory, tasksOf } from './plan-story.ts';
 *
 * function describe(script: StoryScript, models: ModelSetRef): void {
 *   const plan = planStory(script, models);
 *   console.log(`${plan.numFrames} frames in ${tasksOf(plan).length} tasks`);
 * }
 * ```
 */
export function planStory(recorded: StoryScript, models: ModelSetRef): StoryPlan {
  const clips = describeClips(models, recorded.output);
  const spans = spansOf(recorded, clips.numKeys);
  const script = withJoinSeconds(recorded, spans, clips.numKeys);
  const problems = [
    ...lengthProblems(script, clips.numKeys),
    ...freeInitProblems(script, clips.freeinit),
    ...methodProblems(script, models),
    ...voiceProblems(script, models),
  ];
  const refused = [...problems, ...captionProblems(script, spans)];
  if (refused.length > 0) throw invalidScript(script.title, refused);
  const shots: ShotPlan[] = [];
  const focuses = focusesOf(script.shots);
  for (const [index, shot] of script.shots.entries()) {
    const place = { index, script, clips, focus: focuses[index] ?? middle, span: spanAt(spans, index) };
    shots.push(planShot(shot, { ...place, before: shots[index - 1] }));
  }
  const joins = script.shots.flatMap((shot, index) => planJoin(shot, index, { script, shots, clips, focuses, spans }));
  const cards = planCards(script);
  const items = inFilmOrder(shots, joins, cards);
  const timeline = timelineOf(items, spans);
  const burns = planBurns(script, timeline, items);
  const numFrames = timeline.reduce((sum, entry) => sum + entry.numFrames, 0);
  const sound = planSound(script, timeline, models);
  const files = planFiles({
    script,
    clip: clips.native,
    items,
    timeline,
    focusOf: (item) => focusRunOf(item, focuses),
    pieces: filmInputs(items, burns),
    sound: sound === null ? [] : [nameOf(sound.mix)],
  });
  const plan: StoryPlan = {
    title: script.title,
    slug: slugOf(script.title),
    scriptHash: hashOf(recorded).slice(0, 12),
    output: script.output,
    shots,
    joins,
    ...cardsOf(items),
    ...(burns.length === 0 ? {} : { burns }),
    timeline,
    ...(sound === null ? {} : { sound }),
    ...files,
    numFrames,
    seconds: numFrames / script.output.fps,
  };
  const tooLarge = sizeProblems(plan, tasksOf(plan), recorded, models);
  if (tooLarge.length > 0) throw invalidScript(script.title, tooLarge);
  return plan;
}

/** A story whose clips are all made. */
export interface MadeStoryPlan extends StoryPlan {
  readonly shots: readonly MadeShot[];
  readonly joins: readonly MadeJoin[];
}

/** A join between shots whose clips are made. */
export interface MadeJoin extends JoinPlan {
  readonly segments: readonly SegmentTask[];
}

/** Plans a story that shows no clips of one's own. @throws PipelineError as {@link planStory}; `INTERNAL` when it shows one. */
export function planMadeStory(script: StoryScript, models: ModelSetRef): MadeStoryPlan {
  const plan = planStory(script, models);
  const shots = madeShots(plan);
  const joins = plan.joins.map((join): MadeJoin => ({
    ...join,
    segments: join.segments.filter((task) => task.stage === 'segment'),
  }));
  if (shots.length === plan.shots.length) return { ...plan, shots, joins };
  throw new PipelineError('INTERNAL', `${script.title} shows a clip of one's own where all clips are made`);
}

/**
 * Plans one shot of a changed script, whose shots before it are as `planned`: what it costs does not grow with the story.
 *
 * @throws as {@link planStory}, for what `script` says of this shot.
 */
export function replanShot(id: string, script: StoryScript, models: ModelSetRef, planned: StoryPlan): MadeShot {
  const index = script.shots.findIndex((shot) => shot.id === id);
  const shot = script.shots[index];
  if (shot === undefined) throw new PipelineError('INTERNAL', `shot ${id} is not in its story`);
  const clips = describeClips(models, script.output);
  return planMadeShot(shot, {
    index,
    script,
    clips,
    before: planned.shots[index - 1],
    focus: focusesOf(script.shots)[index] ?? middle,
    span: spanAt(spansOf(script, clips.numKeys), index),
  });
}

/** The name of a shot or join in status, logs and manifest. */
export function itemName(item: ShotPlan | JoinPlan | CardPlan): string {
  return `${item.kind} ${item.id}`;
}

/** All tasks of a plan, each after the ones it depends on. Shots that are alike in every respect share a key and both appear. */
export function tasksOf(plan: StoryPlan): PlannedTask[] {
  const of = (item: ShotPlan | JoinPlan, tasks: readonly StageTask[]): PlannedTask[] =>
    tasks.map((task) => ({ item: itemName(item), task }));
  return [
    ...plan.shots.flatMap((shot) => of(shot, [...pictureTasks(shot), ...clipTasks(shot), ...segmentTasks(shot)])),
    ...plan.joins.flatMap((join) => of(join, [...clipTasks(join), ...segmentTasks(join)])),
    ...filmTasks(plan),
    ...soundTasks(plan).map((task) => ({ item: soundItem, task })),
    { item: 'film', task: plan.film },
    ...outputTasks(plan),
  ];
}

/**
 * The tasks that belong to no shot's or join's own work and come before the film: cards, segments with captions burnt in, and those that are
 * encoded anew.
 */
export function filmTasks({ cards = [], burns = [], renditions = [] }: StoryPlan): readonly PlannedTask[] {
  const drawn = cards.flatMap((card) => card.segments.map((task) => ({ item: itemName(card), task })));
  return [...drawn, ...burns, ...renditions];
}

/** The tasks that put the further files of a story together. */
export function outputTasks({ outputs = [] }: Pick<StoryPlan, 'outputs'>): readonly PlannedTask[] {
  return outputs.map(({ name, task }) => ({ item: `output ${name}`, task }));
}

/** The tasks that encode the pictures of a shot, each once; a join has none. */
export function pictureTasks(item: ShotPlan | JoinPlan): readonly PictureTask[] {
  const pictures = item.kind === 'shot' && isMade(item) ? (item.pictures ?? []) : [];
  return [...new Map(pictures.map(({ task }) => [task.key, task])).values()];
}

/** What a shot is made from, in words: `continues dawn, hero.png at frame 0`; `null` when from its prompt alone. */
export function givenWords(shot: ShotPlan): string | null {
  if (!isMade(shot)) return shot.footage.words;
  const { continues, pictures = [], subject } = shot;
  const words = [
    ...(subject === undefined ? [] : [`shows ${subject}`]),
    ...(continues === undefined ? [] : [`continues ${continues}`]),
    ...pictures.map(({ frame, source }) => `${source} at frame ${frame}`),
  ];
  return words.length === 0 ? null : words.join(', ');
}

/** The tasks that make the clip of a shot or join, one after the other, without pictures and segments; of a clip of one's own, its ends. */
export function clipTasks(item: ShotPlan | JoinPlan): readonly StageTask[] {
  if (item.kind === 'shot' && !isMade(item)) {
    return [item.footage.first, item.footage.last].filter((task) => task !== undefined);
  }
  const interpOf = (interp: InterpTask): InterpTask[] => (item.skipsInterp === true ? [] : [interp]);
  if (item.kind === 'shot') return [...(item.earlier ?? []), item.base, ...interpOf(item.interp)];
  switch (item.work.kind) {
    case 'seine':
      return [item.work.transition, ...interpOf(item.work.interp)];
    case 'dissolve':
      return [item.work.dissolve];
    case 'mix':
      return item.work.lent;
  }
}

/** The tasks of an item that follow its clip, each segment after its enhanced frames. */
export function segmentTasks(item: ShotPlan | JoinPlan): readonly StageTask[] {
  return item.segments.flatMap((segment, index) => {
    const enhance = item.enhance?.[index];
    return enhance === undefined ? [segment] : [enhance, segment];
  });
}

interface ShotPlace {
  readonly index: number;
  readonly script: StoryScript;
  readonly clips: ClipSettings;
  /** Plan of the shot before. */
  readonly before: ShotPlan | undefined;
  /** What the film shows of it when it crops it. */
  readonly focus: number;
  /** What it shows of its clip. */
  readonly span: ShotSpan;
}

function spanAt(spans: readonly ShotSpan[], index: number): ShotSpan {
  const span = spans[index];
  if (span === undefined) throw new PipelineError('INTERNAL', `shot ${index} has no span`);
  return span;
}

function planShot(shot: Shot, place: ShotPlace): ShotPlan {
  return shot.clip === undefined ? planMadeShot(shot, place) : planFootageShot(shot, shot.clip, place);
}

/** A shot that shows a clip of one's own. Its ends become latents where the model goes on from them or leads to them. */
function planFootageShot(shot: Shot, { source }: OwnClip, place: ShotPlace): FootageShot {
  const { index, script, clips, focus, span } = place;
  const { output } = script;
  const { join } = shot;
  const next = script.shots[index + 1]?.join ?? null;
  const end = (which: 'first' | 'last', known: number): EncodeTask => {
    const of = keysOfEnd(span, which, known, output.fps);
    const { footage, inputs } = partsWith(foundOf(shot), Math.min(...of), Math.max(...of));
    const shown = { width: output.width, height: output.height, focus };
    const params = { footage, of, frames: known, ...clips.native, shown };
    return taskOf<EncodeTask>({ stage: 'encode', params, inputs, packages: clips.packages('vae') });
  };
  return {
    kind: 'shot',
    id: shot.id,
    index,
    prompt: shot.prompt === '' ? source : shot.prompt,
    footage: {
      source,
      words: footageWords(shot, output),
      ...(join?.kind === 'seine' ? { first: end('first', join.known) } : {}),
      ...(next?.kind === 'seine' || next?.kind === 'continue' ? { last: end('last', next.known) } : {}),
    },
    ...planSegments(sourceOfFootage(shot, place), span, output, clips),
  };
}

/** A clip of one's own, as segments are cut from it. */
function sourceOfFootage(
  shot: Shot,
  { index, clips, focus }: Pick<ShotPlace, 'index' | 'clips' | 'focus'>,
): SegmentSource {
  const made = foundOf(shot);
  const { negative, seed } = shot.sampling;
  const words = { prompt: shot.prompt, negative, seed };
  const enhance = planEnhance(shot, words, index, clips);
  return { made, size: made, frames: made.frames, enhance, words, focus: { from: focus, to: focus } };
}

function planMadeShot(shot: Shot, { index, script, clips, before, focus, span }: ShotPlace): MadeShot {
  const continued = shot.join?.kind === 'continue' ? before : undefined;
  const pictures = planPictures(shot, index, clips, { output: script.output, focus });
  const subject = subjectOf(shot, script.subjects);
  const { base, earlier } = planClip(shot, { continued, pictures, subject, fps: script.output.fps }, clips);
  const joinAfter = script.shots[index + 1]?.join ?? null;
  const { cut } = span;
  const dissolves = isMixing(shot.join) || isMixing(joinAfter);
  const enhance = planEnhance(shot, base.params, index, clips);
  const interp = planInterp(base, shot, clips);
  const between = makesBetween(enhance);
  const source = sourceOfMade({ base, interp }, { enhance, focus, clips });
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
    ...(cut === undefined ? {} : { cut }),
    // A dissolve mixes interpolated frames, whatever the shot shows itself.
    ...(between && !dissolves ? { skipsInterp: true } : {}),
    ...planSegments(source, span, script.output, clips),
  };
}

/** A clip that is made, as segments are cut from it. */
function sourceOfMade(
  { base, interp }: Pick<MadeShot, 'base' | 'interp'>,
  {
    enhance,
    focus,
    clips,
  }: { readonly enhance: EnhanceParams | null; readonly focus: number; readonly clips: ClipSettings },
): SegmentSource {
  return {
    made: nameOf(makesBetween(enhance) ? base : interp),
    size: clips.native,
    frames: interpolatedFrames(base.params.frames),
    enhance,
    words: base.params,
    focus: { from: focus, to: focus },
  };
}

/** All shots of a story, planned. */
interface PlannedShots {
  readonly script: StoryScript;
  readonly shots: readonly ShotPlan[];
  readonly clips: ClipSettings;
  readonly focuses: readonly number[];
  readonly spans: readonly ShotSpan[];
}

/** The join in front of a shot, when it needs work. */
function planJoin(shot: Shot, index: number, { script, shots, clips, focuses, spans }: PlannedShots): JoinPlan[] {
  const { join } = shot;
  const before = shots[index - 1];
  const after = shots[index];
  if (join === null || join.kind === 'cut' || join.kind === 'continue' || before === undefined || after === undefined)
    return [];
  const place = { before, after, index };
  const { fps } = script.output;
  const named = {
    kind: 'join' as const,
    id: `${before.id}+${after.id}`,
    index: index - 1,
    before: before.id,
    after: after.id,
  };
  const focus = { from: focuses[index - 1] ?? middle, to: focuses[index] ?? middle };
  const joinSpans = [spanAt(spans, index - 1), spanAt(spans, index)] as const;
  if (join.kind === 'seine') {
    const seeds = [script.shots[index - 1]?.sampling.seed ?? 0, shot.sampling.seed] as const;
    const { source, span, ...work } = planSeine(join, shot, { ...place, seeds }, { clips, fps });
    return [
      { ...named, ...work, ...planSegments({ ...source, focus, size: clips.native }, span, script.output, clips) },
    ];
  }
  if (isMade(before) && isMade(after)) {
    const made = { before, after, index, spans: joinSpans };
    const { source, span, ...work } = planDissolve(join, shot, made, { clips, fps });
    return [
      { ...named, ...work, ...planSegments({ ...source, focus, size: clips.native }, span, script.output, clips) },
    ];
  }
  const sources = [index - 1, index].map((at): SegmentSource => {
    const [each, made] = [script.shots[at], shots[at]];
    if (each === undefined || made === undefined)
      throw new PipelineError('INTERNAL', `join ${named.id} has no shot ${at}`);
    const placed = { index: at, clips, focus: focuses[at] ?? middle };
    if (!isMade(made)) return sourceOfFootage(each, placed);
    return sourceOfMade(made, { ...placed, enhance: planEnhance(each, made.base.params, at, clips) });
  });
  return [{ ...named, ...planMix(join, sources, joinSpans, script.output, clips) }];
}

/** How a shot or the join in front of it is enhanced, with these words. */
function planEnhance(
  shot: Shot,
  words: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>,
  index: number,
  clips: ClipSettings,
): EnhanceParams | null {
  return shot.enhance === undefined ? null : clips.enhance(shot.enhance, words, `shots[${index}]`);
}

/** Whether an enhancement makes the frames between the keys itself. */
function makesBetween(enhance: EnhanceParams | null): boolean {
  return enhance !== null && enhance.keyStep > 1;
}

/** The shots on both sides of a join; `index` is that of the one it leads to. */
interface JoinPlace<Side extends ShotPlan = ShotPlan> {
  readonly before: Side;
  readonly after: Side;
  readonly index: number;
}

/** A join's work, and the clip that its segments are cut from. */
interface JoinWork extends Pick<JoinPlan, 'work' | 'skipsInterp'> {
  readonly source: Omit<SegmentSource, 'focus' | 'size'>;
  readonly span: FilmSpan;
}

/** What the clips of a film are made with. */
interface FilmClips {
  readonly clips: ClipSettings;
  readonly fps: number;
}

/** A join is sampled and enhanced as the shot that it leads to, with a seed of its own that follows from both neighbours'. */
function planSeine(
  join: Join & { kind: 'seine' },
  shot: Shot,
  { before, after, index, seeds }: JoinPlace & { readonly seeds: readonly [number, number] },
  { clips, fps }: FilmClips,
): JoinWork {
  const cut = isMade(before) ? before.cut : undefined;
  const transition = taskOf<TransitionTask>({
    stage: 'transition',
    params: {
      ...clips.transition(join.prompt, shot.sampling, seeds),
      known: join.known,
      ...(cut === undefined ? {} : { ofFirst: cut.keys }),
    },
    inputs: [nameOf(endOf(before, 'last')), nameOf(endOf(after, 'first'))],
    packages: clips.completing(),
  });
  const enhance = planEnhance(shot, transition.params, index, clips);
  const interp = planInterp(transition, shot, clips);
  const between = makesBetween(enhance);
  return {
    work: { kind: 'seine', transition, interp },
    source: {
      made: nameOf(between ? transition : interp),
      frames: interp.params.frames,
      enhance,
      words: transition.params,
    },
    span: seineSpan(join, clips.numFrames, fps, cut?.lent ?? 0),
    ...(between ? { skipsInterp: true } : {}),
  };
}

/** Where the film looks in a shot or join. */
function focusRunOf(item: ShotPlan | JoinPlan, focuses: readonly number[]): FocusRun {
  const from = focuses[item.index] ?? middle;
  return { from, to: item.kind === 'join' ? (focuses[item.index + 1] ?? middle) : from };
}

/** The latents of a shot that a join leads to or goes on from. */
function endOf(shot: ShotPlan, end: 'first' | 'last'): ArtifactName {
  const name = isMade(shot) ? shot.base : shot.footage[end];
  if (name === undefined) throw new PipelineError('INTERNAL', `shot ${shot.id} has no ${end} frames as latents`);
  return name;
}

/**
 * A join between clips of different sizes: what both shots lend it becomes segments, as their own frames do, and those are mixed. So
 * nothing jumps where it begins and ends.
 */
function planMix(
  join: MixingJoin,
  sources: readonly SegmentSource[],
  spans: readonly [ShotSpan, ShotSpan],
  output: OutputSettings,
  clips: ClipSettings,
): Pick<JoinPlan, 'work' | 'segments'> {
  const { width, height, fps } = output;
  const taken = takenFrames(join, fps);
  const runs = [
    { from: spans[0].run.from + spans[0].run.count, count: taken.before },
    { from: spans[1].run.from - taken.after, count: taken.after },
  ];
  const lent = runs.map((run, side) => {
    const source = sources[side];
    if (source === undefined) throw new PipelineError('INTERNAL', 'a join has two sides');
    // Both sides are cut alike, whatever they are cut from.
    const parts = cutIntoSegments(run).map((part) =>
      planSegments(source, { ...spans[side], run: part }, output, clips),
    );
    return parts.map(({ segments, enhance = [] }) => ({ segment: segments[0], tasks: [...enhance, ...segments] }));
  });
  const [before = [], after = []] = lent;
  const mixes = (
    sides: MixTask['params']['sides'],
    frames: number,
    of: readonly (SegmentTask | undefined)[][],
  ): MixTask[] => {
    let from = 0;
    return of.map((pair) => {
      const inputs = pair.filter((segment) => segment !== undefined);
      const count = inputs[0]?.params.count ?? 0;
      const params = { width, height, fps, frames, from, count, sides, ...lookOf(join) };
      from += count;
      return taskOf<MixTask>({ stage: 'mix', params, inputs: inputs.map(nameOf), packages: {} });
    });
  };
  const segments =
    join.kind === 'fade'
      ? [
          ...mixes(
            'before',
            taken.before,
            before.map(({ segment }) => [segment]),
          ),
          ...mixes(
            'after',
            taken.after,
            after.map(({ segment }) => [segment]),
          ),
        ]
      : mixes(
          'both',
          taken.before,
          before.map(({ segment }, index) => [segment, after[index]?.segment]),
        );
  return {
    work: { kind: 'mix', ...lookOf(join), lent: [...before, ...after].flatMap(({ tasks }) => tasks) },
    segments,
  };
}

function lookOf(join: MixingJoin): Pick<DissolveTask['params'], 'look'> {
  if (join.kind === 'dissolve') return {};
  return { look: join.kind === 'fade' ? { kind: 'fade' } : { kind: 'wipe', direction: join.direction } };
}

/** What a join shows, for people: its prompt, or what a join of frames is called: `dissolve`, `fade`, `wipe left`. */
export function joinWords({ work }: JoinPlan): string {
  if (work.kind === 'seine') return work.transition.params.prompt;
  const look = work.kind === 'mix' ? work.look : work.dissolve.params.look;
  if (look === undefined) return 'dissolve';
  return look.kind === 'fade' ? 'fade' : `wipe ${look.direction}`;
}

function planDissolve(
  join: MixingJoin,
  shot: Shot,
  { before, after, index, spans }: JoinPlace<MadeShot> & { readonly spans: readonly [ShotSpan, ShotSpan] },
  { clips, fps }: FilmClips,
): JoinWork {
  const frames = mixedFrames(join, fps);
  const taken = takenFrames(join, fps);
  const [a, b] = spans;
  const isPlain = a.pace === undefined && b.pace === undefined && b.follows.first === 0;
  const paces: [Pace, Pace] = [
    { ...a.follows, first: a.follows.first + a.numFrames - taken.before, frames: taken.before },
    { ...b.follows, frames: taken.after },
  ];
  const dissolve = taskOf<DissolveTask>({
    stage: 'dissolve',
    params: {
      frames,
      ...(before.cut === undefined ? {} : { ofFirst: before.cut.frames }),
      ...(isPlain && join.kind === 'dissolve' ? {} : { paces }),
      ...lookOf(join),
    },
    inputs: [nameOf(before.interp), nameOf(after.interp)],
    packages: {},
  });
  const words = { ...after.base.params, prompt: '' };
  // All its frames are there: nothing is left to be made between them.
  const enhanced = shot.enhance === undefined ? shot : { ...shot, enhance: { ...shot.enhance, time: 1 as const } };
  const enhance = planEnhance(enhanced, words, index, clips);
  return {
    work: { kind: 'dissolve', dissolve },
    source: { made: nameOf(dissolve), frames, enhance, words },
    span: { run: { from: 0, count: frames } },
  };
}

function planInterp(keys: BaseTask | CompletionTask | TransitionTask, shot: Shot, clips: ClipSettings): InterpTask {
  return taskOf<InterpTask>({
    stage: 'interp',
    params: clips.interp(keys.params, shot.sampling),
    inputs: [nameOf(keys)],
    packages: clips.packages('text', 'interp', 'vae'),
  });
}

type FilmItem = ShotPlan | JoinPlan | CardPlan;

function inFilmOrder(shots: readonly ShotPlan[], joins: readonly JoinPlan[], cards: PlannedCards): FilmItem[] {
  const body = shots.flatMap((shot): FilmItem[] => {
    const card = cards.before.get(shot.id);
    return [...joins.filter((join) => join.index === shot.index - 1), ...(card === undefined ? [] : [card]), shot];
  });
  return [...cards.opening, ...body, ...cards.closing];
}

function cardsOf(items: readonly FilmItem[]): Pick<StoryPlan, 'cards'> {
  const cards = items.filter((item) => item.kind === 'card');
  return cards.length === 0 ? {} : { cards };
}

/** What the film is made of: segments, with those that have captions burnt in in their place. */
function filmInputs(items: readonly FilmItem[], burns: readonly PlannedBurn[]): ArtifactName[] {
  const burnt = new Map(burns.map(({ task }) => [task.inputs[0]?.key, task]));
  return items.flatMap(({ segments }) => segments.map((segment) => nameOf(burnt.get(segment.key) ?? segment)));
}

function timelineOf(items: readonly FilmItem[], spans: readonly ShotSpan[]): TimelineEntry[] {
  let firstFrame = 0;
  return items.map((item) => {
    const numFrames = item.segments.reduce((sum, segment) => sum + segment.params.count, 0);
    const ofShot = item.kind === 'shot' ? (spans[item.index]?.numFrames ?? numFrames) : numFrames;
    const whole = ofShot === numFrames ? {} : { ofFrames: ofShot };
    const entry = { item: itemName(item), kind: item.kind, firstFrame, numFrames, ...whole };
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
