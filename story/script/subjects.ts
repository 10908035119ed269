import { nameProblem, namesIn } from './placeholders.ts';
import type { ScriptPath } from './read-script.ts';
import type { StoryScript, Subject } from './script.ts';
import { membersOf, writtenPath } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import { subjectName } from './subject-fields.ts';
import type { WrittenSubjects } from './subject-fields.ts';

/** The subjects of a script in the order they are written; their pictures without keys, for they are not read yet. */
export function normalSubjects(written: WrittenSubjects | undefined): Pick<StoryScript, 'subjects'> {
  if (written === undefined) return {};
  const subjects = Object.entries(written).map(([name, { word, image, mask }]): Subject => ({
    name,
    word,
    picture: { source: image, key: null },
    ...(mask === undefined ? {} : { mask }),
  }));
  return { subjects };
}

/**
 * Rules between the subjects of a story and its prompts. Looks at what was written.
 *
 * A shot shows at most one subject, and only its prompts name it; a subject that no prompt names is a slip of the pen.
 */
export function subjectFindings(story: Readonly<Record<string, unknown>>): Finding[] {
  const names = Object.keys(membersOf(story['subjects']));
  const findings: Finding[] = [];
  const used = new Set<string>();
  const { defaults, shots } = story;
  findings.push(...outsidePrompts(['defaults'], membersOf(defaults)));
  (Array.isArray(shots) ? shots : []).forEach((value: unknown, index) => {
    const shot = membersOf(value);
    const path = ['shots', index];
    const prompts: [ScriptPath, unknown][] = [
      [[...path, 'prompt'], shot['prompt']],
      ...Object.entries(membersOf(shot['prompts'])).map(([at, prompt]): [ScriptPath, unknown] => [
        [...path, 'prompts', at],
        prompt,
      ]),
    ];
    const named = new Set<string>();
    for (const [at, prompt] of prompts) {
      if (typeof prompt !== 'string') continue;
      const problem = nameProblem(prompt, names);
      for (const name of namesIn(prompt)) named.add(name);
      if (problem !== null) findings.push({ path: at, message: `${writtenPath(at)} ${problem}` });
    }
    for (const name of named) used.add(name);
    findings.push(...outsidePrompts(path, shot));
    if (named.size > 0) findings.push(...clashes(path, shot, named));
  });
  const unused = names.filter((name) => subjectName.test(name) && !used.has(name));
  return [
    ...findings,
    ...unused.map((name): Finding => {
      const path = ['subjects', name];
      return {
        path,
        message: `${writtenPath(path)} is in no prompt; write {${name}} where it shall appear, or take it out`,
      };
    }),
  ];
}

/** What a shot with a subject cannot have as well. */
function clashes(path: ScriptPath, shot: Readonly<Record<string, unknown>>, named: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const given = ['continue', 'animate', 'keyframes'].find((key) => shot[key] !== undefined && shot[key] !== false);
  if (given !== undefined) {
    const at = [...path, given];
    const rule = 'a shot with a subject is made from its prompt and the picture of the subject';
    findings.push({
      path: at,
      message: `${writtenPath(at)} is there, and the prompt names a subject; ${rule}; take one of the two out`,
    });
  }
  if (named.size > 1 && shot['prompts'] !== undefined) {
    const at = [...path, 'prompts'];
    const rule = 'all prompts of a shot name the same one; make two shots';
    findings.push({ path: at, message: `${writtenPath(at)} names the subjects ${[...named].join(', ')}; ${rule}` });
  }
  return findings;
}

/** Names of subjects where none can be. */
function outsidePrompts(path: ScriptPath, settings: Readonly<Record<string, unknown>>): Finding[] {
  const places: [ScriptPath, unknown][] = [
    [[...path, 'negative'], settings['negative']],
    [[...path, 'join', 'prompt'], membersOf(settings['join'])['prompt']],
  ];
  return places.flatMap(([at, text]) => {
    if (typeof text !== 'string' || namesIn(text).length === 0) return [];
    const name = namesIn(text)[0] ?? '';
    return [
      {
        path: at,
        message: `${writtenPath(at)} names {${name}}; only the prompt of a shot can name a subject; use words here`,
      },
    ];
  });
}
