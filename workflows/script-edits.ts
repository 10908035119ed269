import { PipelineError } from '../errors/pipeline-error.ts';
import type { Shot, StoryScript } from '../story/script.ts';
import { scriptLimits } from '../story/script-limits.ts';
import type { EditShotRequest, RerollRequest } from './contracts.ts';

const { maxSeed, promptLength } = scriptLimits;

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
 * @throws PipelineError `SCRIPT_INVALID` for an unknown shot or a prompt that is empty or too long.
 */
export function reworded(script: StoryScript, request: EditShotRequest): StoryScript {
  const prompt = request.prompt.replace(/\s+/gu, ' ').trim();
  if (prompt === '' || prompt.length > promptLength) {
    throw invalid(`prompt has ${prompt.length} characters; it must have 1 to ${promptLength}`);
  }
  return withShot(script, request.shot, (shot) => ({ ...shot, prompt }));
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
