import type { Shot, Subject } from './script.ts';

/**
 * Names of subjects in prompts: `a {hero} sails`. A task has the word of the subject in place of its name, `a {boat} sails`:
 * the braces tell the stage which words the picture speaks for. Runs in the workflow sandbox.
 */

const placeholder = /\{([^{}]*)\}/g;

/** The names in braces of a text, in order. */
export function namesIn(prompt: string): string[] {
  return [...prompt.matchAll(placeholder)].map(([, name = '']) => name);
}

/** A text with other braces' contents. */
export function withNames(prompt: string, change: (name: string) => string): string {
  return prompt.replace(placeholder, (_, name: string) => change(name));
}

/** A text without braces: as a model that knows nothing of subjects reads it. */
export function plainPrompt(prompt: string): string {
  return withNames(prompt, (name) => name);
}

/** A prompt of a task, cut at the word of its subject. `null` when it names none. */
export function cutAtSubject(prompt: string): { before: string; word: string; after: string } | null {
  const [match] = prompt.matchAll(placeholder);
  if (match === undefined) return null;
  const [braced, word = ''] = match;
  return { before: prompt.slice(0, match.index), word, after: prompt.slice(match.index + braced.length) };
}

/** What is wrong with the names in a prompt, or `null`. The sentence goes on after "the prompt". */
export function nameProblem(prompt: string, subjects: readonly string[]): string | null {
  const names = namesIn(prompt);
  const unknown = names.find((name) => !subjects.includes(name));
  if (unknown !== undefined) {
    const known =
      subjects.length === 0 ? 'the story has no subjects' : `the subjects of the story are ${subjects.join(', ')}`;
    return `names {${unknown.slice(0, 40)}}; ${known}; add it under subjects, or write the prompt without braces`;
  }
  if (names.length > 1) {
    return `names ${names.length} subjects; a shot shows at most one; describe the others in words, or make two shots`;
  }
  return null;
}

/** The subject that a shot shows, or `null`. */
export function subjectOf(shot: Shot, subjects: readonly Subject[] = []): Subject | null {
  const [name] = promptsOf(shot).flatMap(namesIn);
  return subjects.find((subject) => subject.name === name) ?? null;
}

/** The shot with the word of its subject in braces, for the stage that draws it. */
export function tellingWord(shot: Shot, subject: Subject): Shot {
  return changed(shot, (prompt) => withNames(prompt, () => `{${subject.word}}`));
}

/** The shot with the words of its subjects, for people and for what only reads words. */
export function inWords(shot: Shot, subjects: readonly Subject[] = []): Shot {
  const wordOf = (name: string): string => subjects.find((each) => each.name === name)?.word ?? `{${name}}`;
  return changed(shot, (prompt) => withNames(prompt, wordOf));
}

function changed(shot: Shot, change: (prompt: string) => string): Shot {
  const prompts = shot.prompts?.map((each) => ({ ...each, prompt: change(each.prompt) }));
  return { ...shot, prompt: change(shot.prompt), ...(prompts === undefined ? {} : { prompts }) };
}

function promptsOf({ prompt, prompts }: Shot): readonly string[] {
  return prompts?.map((each) => each.prompt) ?? [prompt];
}
