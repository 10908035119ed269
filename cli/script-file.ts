import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { PipelineError } from '../errors/pipeline-error.ts';
import { parseScript } from '../story/parse-script.ts';
import type { StoryScript } from '../story/script.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads and parses a script file; `-` is stdin.
 * @throws PipelineError `SCRIPT_INVALID` with every problem; UsageError when the file cannot be read.
 */
export async function readScript(file: string): Promise<StoryScript> {
  const fileName = fileNameOf(file);
  const script = await readText(file);
  try {
    return parseScript(script, { fileName });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    // Problems have lines; a report that prints them like a compiler needs the file as well.
    throw new PipelineError(error.code, error.message, { details: { ...error.details, fileName }, cause: error });
  }
}

/** How messages name a script. */
export function fileNameOf(file: string): string {
  return file === '-' ? '<stdin>' : file;
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the story ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
