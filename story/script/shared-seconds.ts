import { framesIn } from './film-frames.ts';
import { isMixing, mixedFrames } from './join-length.ts';
import type { Shot, StoryScript } from './script.ts';

/**
 * A story of so many seconds: its shots without seconds of their own share, to the frame and as evenly as can be, what the others, the
 * joins and the cards leave.
 *
 * @returns the script, or in words why that cannot be.
 */
export function shareSeconds(script: StoryScript, seconds: number): StoryScript | string {
  const { fps } = script.output;
  const film = framesIn(seconds, fps);
  const { shots, opening, closing } = script;
  const open = shots.filter((shot) => shot.seconds === undefined);
  const said = sum(shots.map((shot) => (shot.seconds === undefined ? 0 : framesIn(shot.seconds, fps))));
  const cards = [opening, closing, ...shots.map(({ card }) => card)];
  const drawn = sum(cards.map((card) => (card === undefined ? 0 : framesIn(card.seconds, fps))));
  const joined = sum(shots.map(({ join }) => madeBy(join, fps)));
  const left = film - said - drawn - joined;
  const spent = `the shots with seconds of their own, the joins and the cards come to ${inSeconds(film - left, fps)}`;
  if (open.length === 0) {
    return left === 0
      ? script
      : `is ${seconds}, and ${spent}; leave the seconds of one shot out, which then fills the film`;
  }
  if (left < open.length)
    return `is ${seconds}, and ${spent}, which leaves nothing for the other shots; make it longer`;
  const each = Math.floor(left / open.length);
  const longer = left - each * open.length;
  return {
    ...script,
    shots: shots.map((shot): Shot => {
      const place = open.indexOf(shot);
      return place === -1 ? shot : { ...shot, seconds: (each + (place < longer ? 1 : 0)) / fps };
    }),
  };
}

/** Frames by which a join makes a film longer, or shorter when it is under 0. */
function madeBy(join: Shot['join'], fps: number): number {
  if (join?.kind === 'seine') return framesIn(join.seconds, fps);
  return isMixing(join) && join.kind !== 'fade' ? -mixedFrames(join, fps) : 0;
}

function inSeconds(frames: number, fps: number): string {
  return `${Math.round((100 * frames) / fps) / 100} seconds`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
