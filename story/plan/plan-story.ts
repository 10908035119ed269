import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { hashOf } from '../script/content-hash.ts';
import { invalidScript } from '../script/script-problems.ts';
import type { StoryScript } from '../script/script.ts';
import { planBurns } from './burns.ts';
import { captionProblems } from './captions.ts';
import { planCards } from './cards.ts';
import { describeClips } from './clip-settings.ts';
import { cardsOf, filmInputs, inFilmOrder, timelineOf } from './film-order.ts';
import { focusesOf, middle } from './framing.ts';
import type { FocusRun } from './framing.ts';
import { freeInitProblems } from './freeinit.ts';
import { methodProblems } from './method-problems.ts';
import { planJoin } from './plan-joins.ts';
import { planFiles } from './plan-outputs.ts';
import { planMadeShot, planShot, spanAt } from './plan-shots.ts';
import { planSound } from './plan-sound.ts';
import { voiceProblems } from './plan-voices.ts';
import { madeShots } from './plan.ts';
import type { JoinPlan, MadeShot, ShotPlan, StoryPlan } from './plan.ts';
import { withJoinSeconds } from './recorded-joins.ts';
import { lengthProblems, spansOf } from './shot-length.ts';
import { sizeProblems } from './story-size.ts';
import { tasksOf } from './task-list.ts';
import { nameOf } from './task.ts';
import type { SegmentTask } from './task.ts';

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
 * import { planStory } from './plan-story.ts';
 * import { tasksOf } from './task-list.ts';
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

/** Where the film looks in a shot or join. */
function focusRunOf(item: ShotPlan | JoinPlan, focuses: readonly number[]): FocusRun {
  const from = focuses[item.index] ?? middle;
  return { from, to: item.kind === 'join' ? (focuses[item.index + 1] ?? middle) : from };
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
