import { PipelineError } from '../../errors/pipeline-error.ts';
import { mixedFrames, takenFrames } from '../script/join-length.ts';
import type { MixingJoin } from '../script/join-length.ts';
import type { Join, OutputSettings, Shot, StoryScript } from '../script/script.ts';
import type { ClipSettings } from './clip-settings.ts';
import { makesBetween, planEnhance, planInterp, sourceOfFootage, sourceOfMade } from './clip-sources.ts';
import { seineSpan } from './frame-runs.ts';
import type { FilmSpan, ShotSpan } from './frame-runs.ts';
import { middle } from './framing.ts';
import { planSegments } from './plan-segments.ts';
import type { SegmentSource } from './plan-segments.ts';
import { spanAt } from './plan-shots.ts';
import { isMade } from './plan.ts';
import type { JoinPlan, MadeShot, ShotPlan } from './plan.ts';
import { cutIntoSegments } from './segments.ts';
import { taskOf } from './task-key.ts';
import { nameOf } from './task.ts';
import type { ArtifactName, DissolveTask, MixTask, Pace, SegmentTask, TransitionTask } from './task.ts';

/** All shots of a story, planned. */
interface PlannedShots {
  readonly script: StoryScript;
  readonly shots: readonly ShotPlan[];
  readonly clips: ClipSettings;
  readonly focuses: readonly number[];
  readonly spans: readonly ShotSpan[];
}

/** The join in front of a shot, when it needs work. */
export function planJoin(
  shot: Shot,
  index: number,
  { script, shots, clips, focuses, spans }: PlannedShots,
): JoinPlan[] {
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
