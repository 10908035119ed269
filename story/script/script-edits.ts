import { PipelineError } from '../../errors/pipeline-error.ts';
import { nameProblem, subjectOf } from './placeholders.ts';
import { foldSpaces, isPlainText } from './plain-text.ts';
import { scriptLimits } from './script-limits.ts';
import type { Shot, StoryScript } from './script.ts';

/** Changes to a script whose story is under way. Runs in the workflow sandbox, so nothing here needs a schema library. */

const { maxSeed, promptLength } = scriptLimits;

/** A shot again, with the given seed or the next one. */
export interface RerollRequest {
  readonly shot: string;
  readonly seed?: number;
}

/** New words for a shot. */
export interface EditShotRequest {
  readonly shot: string;
  readonly prompt: string;
}

/**
 * The script with another seed for a shot: the one asked for, or the one after the present.
 *
 * @throws PipelineError `SCRIPT_INVALID` for an unknown shot or a seed out of range.
 */
export function rerolled(script: StoryScript, request: RerollRequest): StoryScript {
  const { seed } = request;
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0 || seed > maxSeed)) {
    throw invalid(`seed is ${seed}; it must be a whole number from 0 to ${maxSeed}`);
  }
  return withShot(script, request.shot, (shot) => ({
    ...shot,
    sampling: { ...shot.sampling, seed: seed ?? (shot.sampling.seed + 1) % (maxSeed + 1) },
  }));
}

/**
 * The script with other words for a shot.
 *
 * @throws PipelineError `SCRIPT_INVALID` for an unknown shot, one that has several prompts, or a prompt that is empty, too
 * long, holds control characters or names what is no subject of the story.
 */
export function reworded(script: StoryScript, request: EditShotRequest): StoryScript {
  const prompt = foldSpaces(request.prompt);
  if (prompt === '' || prompt.length > promptLength) {
    throw invalid(`prompt has ${prompt.length} characters; it must have 1 to ${promptLength}`);
  }
  if (!isPlainText(prompt)) throw invalid('prompt holds control characters; it must be plain text');
  const { subjects = [] } = script;
  const misnamed = nameProblem(
    prompt,
    subjects.map(({ name }) => name),
  );
  if (misnamed !== null) throw invalid(`prompt ${misnamed}`);
  return withShot(script, request.shot, (shot) => {
    const isGiven = shot.pictures !== undefined || shot.join?.kind === 'continue';
    if (isGiven && subjectOf({ ...shot, prompt }, subjects) !== null) {
      throw invalid(`prompt names a subject; ${shot.id} is made from given frames, which leave no room for one`);
    }
    if (shot.prompts === undefined) return { ...shot, prompt };
    throw invalid(`${shot.id} has ${shot.prompts.length} prompts; change them in the script and submit it`);
  });
}

function withShot(script: StoryScript, id: string, change: (shot: Shot) => Shot): StoryScript {
  if (!script.shots.some((shot) => shot.id === id)) {
    const ids = script.shots.map((shot) => shot.id).join(', ');
    throw invalid(`shot is ${JSON.stringify(id.slice(0, 80))}; it must be one of ${ids}`);
  }
  return { ...script, shots: script.shots.map((shot) => (shot.id === id ? change(shot) : shot)) };
}

function invalid(finding: string): PipelineError {
  return new PipelineError('SCRIPT_INVALID', `The change does not fit the story: ${finding}`);
}
