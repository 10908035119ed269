import type { ScriptPath } from './read-script.ts';
import type { OwnClip, Shot } from './script.ts';
import { scriptLimits } from './script-limits.ts';
import { broken } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import type { WrittenClip } from './clip-fields.ts';

/** Clips of one's own, from what is written to the normal form. */

/** The clip of a shot; nothing was read of it yet. */
export function normalClip({ clip, mute }: WrittenClip): Pick<Shot, 'clip'> {
  if (clip === undefined) return {};
  const { file, fps } = typeof clip === 'string' ? { file: clip, fps: undefined } : clip;
  const own: OwnClip = {
    source: file,
    ...(fps === undefined ? {} : { fps }),
    ...(mute === true ? { mute } : {}),
    found: null,
  };
  return { clip: own };
}

/** What makes a clip, and has no meaning for one that is there. */
const makers = {
  prompts: 'words for its parts make nothing of it',
  animate: 'it begins with its own first frame',
  keyframes: 'its frames are there',
  continue: 'it begins with its own first frame; join it to the shot before by dissolve, fade, wipe, seine or cut',
  freenoise: 'FreeNoise makes long clips, and this one is there',
  freeinit: 'FreeInit makes clips from words, and this one is there',
  freeu: 'FreeU works inside a model that makes clips, and this one is there',
  gate: 'it cannot be made again with another seed',
} as const;

/** Rules between `clip` and the other keys of a shot. Looks at what was written. */
export function clipFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { clip, mute } = shot;
  if (clip === undefined) {
    if (mute === undefined) return longFindings(path, shot);
    const rule = 'only a clip of your own has a sound that can be left out; take it out, or say clip';
    return [broken([...path, 'mute'], mute, rule)];
  }
  return Object.entries(makers).flatMap(([key, reason]) =>
    shot[key] === undefined || shot[key] === false || shot[key] === 'none'
      ? []
      : [broken([...path, key], shot[key], `the shot shows a clip of your own: ${reason}; take it out`)],
  );
}

/** A made shot is never as long as a clip of one's own may be. */
function longFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { maxSeconds } = scriptLimits;
  return (['seconds', 'from', 'to'] as const).flatMap((key) => {
    const value = shot[key];
    if (typeof value !== 'number' || value <= maxSeconds || value > scriptLimits.maxClipSeconds) return [];
    return [broken([...path, key], value, `a shot that is made has at most ${maxSeconds} seconds; make it shorter`)];
  });
}
