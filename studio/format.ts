import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';

/** Seconds as a clock: `0:09`, `12:30`; those that are whole, as players show them. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, '0')}`;
}

/** How long ago, in a few letters. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3600))} h ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** A number of bytes for people. */
export function byteSize(bytes: number): string {
  if (bytes < 1_000_000) return `${String(Math.round(bytes / 1000))} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

/** What a state is called. */
export const stateWords: Readonly<Record<string, string>> = {
  running: 'in the making',
  paused: 'paused',
  stitching: 'being joined',
  done: 'done',
  cached: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'ended',
  timed_out: 'timed out',
  waiting: 'waiting',
  queued: 'in a queue',
};

/** Stages as creators call them. */
export const stageWords: Readonly<Record<string, string>> = {
  base: 'key frames',
  completion: 'key frames',
  transition: 'key frames',
  picture: 'picture',
  interp: 'motion',
  dissolve: 'mix',
  enhance: 'detail',
  segment: 'full size',
  burn: 'captions',
  card: 'card',
  speech: 'voice',
  sound: 'mix',
  film: 'film',
  measure: 'gate',
};

/** Whether anything of a story can still change. */
export const isLive = ({ state }: Pick<StoryAnswer, 'state'>): boolean =>
  state === 'running' || state === 'paused' || state === 'stitching';

/** Shots, joins and cards: what has a place in the film. */
export const inFilm = (items: readonly ItemAnswer[]): ItemAnswer[] =>
  items.filter(({ kind, frames }) => kind !== 'film' && kind !== 'sound' && frames !== null);
