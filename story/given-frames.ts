import type { WrittenGiven } from './given-fields.ts';
import type { ScriptPath } from './read-script.ts';
import type { Join } from './script.ts';
import { scriptDefaults } from './script-limits.ts';
import { broken } from './script-problems.ts';
import type { Finding } from './script-problems.ts';

/** The join of a shot that continues the one before, else `null`. */
export function continuation({ continue: written }: WrittenGiven): (Join & { readonly kind: 'continue' }) | null {
  if (written === undefined || written === false) return null;
  const known = written === true ? undefined : written.known;
  return { kind: 'continue', known: known ?? scriptDefaults.continueKnown };
}

/** Rules between the keys that give frames to a shot and what else the shot says. Looks at what was written. */
export function givenFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>, index: number): Finding[] {
  const { continue: continued, join } = shot;
  if (continued === undefined || continued === false) return [];
  const findings: Finding[] = [];
  if (index === 0) {
    const rule = 'the first shot has none before it to continue; take it out';
    findings.push(broken([...path, 'continue'], continued, rule));
  }
  if (join !== undefined && index > 0) {
    const rule = 'a shot that continues the one before flows on from it without a join; take out join or continue';
    findings.push(broken([...path, 'join'], join, rule));
  }
  return findings;
}
