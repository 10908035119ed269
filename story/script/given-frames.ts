import type { WrittenGiven } from './given-fields.ts';
import type { ScriptPath } from './read-script.ts';
import type { GivenPicture, Join, PictureRef } from './script.ts';
import { scriptDefaults } from './script-limits.ts';
import { broken, membersOf } from './script-problems.ts';
import type { Finding } from './script-problems.ts';

/** The join of a shot that continues the one before, else `null`. */
export function continuation({ continue: written }: WrittenGiven): (Join & { readonly kind: 'continue' }) | null {
  if (written === undefined || written === false) return null;
  const known = written === true ? undefined : written.known;
  return { kind: 'continue', known: known ?? scriptDefaults.continueKnown };
}

/** The pictures of a shot, in the order of their frames; without keys, for they are not read yet. */
export function givenPictures({ animate, keyframes = {} }: WrittenGiven): readonly GivenPicture[] {
  const ref = (source: string): PictureRef => ({ source, key: null });
  const first: GivenPicture[] = animate === undefined ? [] : [{ frame: 0, from: 'animate', picture: ref(animate) }];
  const others = Object.entries(keyframes).map(([frame, source]): GivenPicture => ({
    frame: Number(frame),
    from: 'keyframes',
    picture: ref(source),
  }));
  return [...first, ...others.sort((a, b) => a.frame - b.frame)];
}

/** Rules between the keys that give frames to a shot and what else the shot says. Looks at what was written. */
export function givenFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>, index: number): Finding[] {
  const { animate, keyframes, continue: continued, join } = shot;
  const findings: Finding[] = [];
  const find = (key: string, value: unknown, rule: string): void => {
    findings.push(broken([...path, ...key.split('.')], value, rule));
  };
  if (animate !== undefined && keyframes !== undefined) {
    find('animate', animate, 'a shot with keyframes has no animate; write the picture as keyframe 0');
  }
  if (continued === undefined || continued === false) return findings;
  if (index === 0) find('continue', continued, 'the first shot has none before it to continue; take it out');
  if (index > 0 && join !== undefined) {
    const rule = 'a shot that continues the one before flows on from it without a join; take out join or continue';
    find('join', join, rule);
  }
  if (shot['focus'] !== undefined) {
    find(
      'focus',
      shot['focus'],
      'a continued shot looks where the one before looks, or its picture would jump; take it out',
    );
  }
  if (animate !== undefined) {
    find('animate', animate, 'a continued shot begins with frames of the one before; take out animate or continue');
  }
  const known = numContinued(continued);
  for (const [frame, source] of Object.entries(membersOf(keyframes))) {
    if (Number(frame) >= known) continue;
    find(`keyframes.${frame}`, source, `the first ${known} frames continue the shot before; choose a later frame`);
  }
  return findings;
}

function numContinued(written: unknown): number {
  const { known } = membersOf(written);
  return typeof known === 'number' ? known : scriptDefaults.continueKnown;
}
