import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { readScript } from '../../story/script/read-script.ts';
import type { ScriptPath } from '../../story/script/read-script.ts';
import type { StoryScript } from '../../story/script/script.ts';
import { UsageError } from '../shell/usage-error.ts';

/** A script file that was read and parsed. */
export interface ScriptFile {
  readonly script: StoryScript;
  /** How messages name it. */
  readonly fileName: string;
  /** Folder that paths in it start from. */
  readonly folder: string;
  /** Line of the value at a path. */
  readonly lineOf: (path: ScriptPath) => number | null;
}

/**
 * Reads and parses a script file; `-` is stdin.
 * @throws PipelineError `SCRIPT_INVALID` with every problem; UsageError when the file cannot be read.
 */
export async function readScriptFile(file: string): Promise<ScriptFile> {
  const fileName = fileNameOf(file);
  const script = await readText(file);
  try {
    const lines = readScript(script);
    return {
      script: parseScript(script, { fileName }),
      fileName,
      folder: file === '-' ? process.cwd() : dirname(resolve(file)),
      lineOf: (path) => ('lineOf' in lines ? lines.lineOf(path) : null),
    };
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
