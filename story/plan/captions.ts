import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import type { Shot, StoryScript } from '../script/script.ts';
import { framesIn } from '../script/film-frames.ts';
import { takenFrames } from '../script/join-length.ts';
import type { ShotSpan } from './frame-runs.ts';
import type { TimelineEntry } from './plan.ts';

/** When captions are shown, and whether they can be. */

/** A caption in the film. */
export interface Cue {
  /** First film frame. */
  readonly from: number;
  /** Frame behind the last one. */
  readonly until: number;
  readonly text: string;
  /** Where the script has it: `shots[0].caption`, or `shots[0].caption[1]` of several. */
  readonly path: string;
}

/** Signs that a reader takes in per second, of an alphabet: a usual bound of subtitlers. Signs as wide as a square count two. */
const readSigns = 20;
/** No caption is read in less; seconds. */
const leastSeconds = 0.7;

/**
 * The captions of a film, in order; none reaches into the next. One that says no times stays while the shot is seen alone; times count
 * from the first frame of the shot, also when a join shows that.
 */
export function cuesOf(script: StoryScript, timeline: readonly TimelineEntry[]): readonly Cue[] {
  const { fps } = script.output;
  const cues = script.shots.flatMap((shot, index): Cue[] => {
    const own = timeline.find(({ item }) => item === `shot ${shot.id}`);
    if (own === undefined || shot.captions === undefined) return [];
    const begin = own.firstFrame - takenFrames(shot.join, fps).after;
    const end = own.firstFrame + own.numFrames;
    const { captions } = shot;
    return captions.map(({ at, until, text }, place) => {
      const next = captions[place + 1]?.at;
      const stays = until ?? next;
      return {
        from: at === undefined ? own.firstFrame : begin + Math.round(at * fps),
        until: stays === undefined ? end : begin + Math.round(stays * fps),
        text,
        path: pathOf(shot, index, place),
      };
    });
  });
  return cues
    .map((cue, index) => ({ ...cue, until: Math.min(cue.until, cues[index + 1]?.from ?? cue.until) }))
    .filter(({ from, until }) => until > from);
}

/** Captions that their shot is too short for. */
export function captionProblems({ shots, output }: StoryScript, spans: readonly ShotSpan[]): ScriptProblem[] {
  const { fps } = output;
  return shots.flatMap((shot, index) => {
    const numFrames = spans[index]?.numFrames ?? 0;
    const lasts = Math.floor((100 * numFrames) / fps) / 100;
    return (shot.captions ?? []).flatMap(({ at, until }, place) => {
      const path = pathOf(shot, index, place);
      const problem = (key: string, value: number, next: string): ScriptProblem =>
        planProblem(
          `${path}.${key}`,
          `is ${value}, and the shot lasts ${lasts} seconds; ${next}, or make the shot longer`,
        );
      return [
        ...(at !== undefined && Math.round(at * fps) >= numFrames ? [problem('at', at, 'let it come earlier')] : []),
        ...(until !== undefined && Math.round(until * fps) > numFrames
          ? [problem('until', until, `make it at most ${lasts}`)]
          : []),
      ];
    });
  });
}

/** Captions that nobody can read in their time. */
export function captionWarnings(cues: readonly Cue[], fps: number): ScriptProblem[] {
  return cues.flatMap(({ from, until, text, path }) => {
    const seconds = (until - from) / fps;
    const signs = signsOf(text);
    const needed = Math.max(leastSeconds, signs / readSigns);
    if (framesIn(needed, fps) <= until - from + 1) return [];
    const finding = `has ${signs} signs and is there for ${seconds.toFixed(1)} seconds; people read about ${readSigns} signs a second: give it ${needed.toFixed(1)} seconds, or say less`;
    return [planProblem(path, finding)];
  });
}

/** How much there is to read: letters of alphabets count one, signs of Chinese, Japanese and Korean two, marks on letters nothing. */
function signsOf(text: string): number {
  return Array.from(text.replace(/[\p{M}\p{Cf}\n]/gu, '')).reduce(
    (sum, sign) => sum + (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(sign) ? 2 : 1),
    0,
  );
}

function pathOf({ captions = [] }: Shot, index: number, place: number): string {
  const [{ at, until } = {}] = captions;
  const isPlain = captions.length === 1 && at === undefined && until === undefined;
  return isPlain ? `shots[${index}].caption` : `shots[${index}].caption[${place}]`;
}
