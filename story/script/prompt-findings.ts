import type { ScriptPath } from './read-script.ts';
import { scriptLimits } from './script-limits.ts';
import { broken, writtenPath } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import { promptRule } from './script-schema.ts';

/**
 * What is wrong between the prompts of a shot: it has one `prompt`, or `prompts` by place, the first at 0.
 *
 * @param shot The shot as written, with whatever it holds.
 */
export function promptFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { prompt, prompts } = shot;
  // What clips of one's own may not say is told by `own-clip.ts`.
  const given =
    shot['clip'] === undefined &&
    ['continue', 'animate', 'keyframes'].find((key) => shot[key] !== undefined && shot[key] !== false);
  if (given !== undefined && given !== false) {
    const rule = `a shot with ${given} is made in one clip and has one prompt; take this or ${given} out`;
    for (const key of ['prompts', 'freenoise']) {
      if (shot[key] !== undefined) return [broken([...path, key], shot[key], rule)];
    }
    const { freeinit } = shot;
    if (freeinit !== undefined && freeinit !== false) {
      const ofWords = `FreeInit is for shots made from words alone; take this or ${given} out`;
      return [broken([...path, 'freeinit'], freeinit, ofWords)];
    }
  }
  if (shot['clip'] !== undefined) return [];
  if (prompts === undefined) return prompt === undefined ? [broken([...path, 'prompt'], prompt, promptRule)] : [];
  const at = [...path, 'prompts'];
  // Anything else is found by the schema.
  if (typeof prompts !== 'object' || prompts === null || Array.isArray(prompts)) return [];
  const places = Object.keys(prompts);
  const wrong = places.filter((place) => !isPlace(place));
  const findings = wrong.map((place): Finding => ({
    path: [...at, place],
    message: `${writtenPath([...at, place])} is no place in the shot; places are numbers from 0, its beginning, to 1, its end`,
  }));
  if (prompt !== undefined) {
    findings.push(broken(at, prompts, 'a shot has prompt or prompts, not both; take one of them out'));
  }
  if (wrong.length > 0) return findings;
  const numbers = places.map(Number);
  const first = Math.min(...numbers);
  if (first !== 0) {
    const found = places.length === 0 ? 'is empty' : `begins at ${first}`;
    findings.push({
      path: at,
      message: `${writtenPath(at)} ${found}; the first prompt stands at 0, the beginning of the shot`,
    });
  }
  if (new Set(numbers).size < numbers.length) {
    findings.push({ path: at, message: `${writtenPath(at)} has a place twice; give each prompt one of its own` });
  }
  if (places.length > scriptLimits.prompts) {
    const rule = `a shot has at most ${scriptLimits.prompts}; make two shots of it`;
    findings.push({ path: at, message: `${writtenPath(at)} has ${places.length} places; ${rule}` });
  }
  return findings;
}

function isPlace(text: string): boolean {
  return /^(0|1|[01]?\.\d{1,6})$/.test(text) && Number(text) <= 1;
}
