import { PipelineError } from '../../errors/pipeline-error.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { ScriptProblem } from '../../story/script/read-script.ts';

/** The problems of a script, none when it is right; any failure that is not SCRIPT_INVALID is thrown on. For tests. */
export function problemsOf(text: string): readonly ScriptProblem[] {
  try {
    parseScript(text, { fileName: 'stories/first-film.yaml' });
    return [];
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') throw error;
    return (error.details as { problems: ScriptProblem[] }).problems;
  }
}

/** Text of lines. */
export const lines = (...text: string[]): string => text.join('\n');

/** A script of one shot and more lines. */
export const oneShot = (...more: string[]): string => lines('shots:', '  - id: a', '    prompt: a red ball', ...more);
