import { dirname, resolve } from 'node:path';
import { readScriptText } from '../../client/script-text.ts';
import type { ScriptText } from '../../client/script-text.ts';
import { readScriptBytes } from './script-bytes.ts';

/** A script file that was read and parsed. */
export interface ScriptFile extends ScriptText {
  /** Folder that paths in it start from. */
  readonly folder: string;
}

/**
 * Reads and parses a script file; `-` is stdin.
 * @throws PipelineError `SCRIPT_INVALID` with every problem; UsageError when the file cannot be read.
 */
export async function readScriptFile(file: string): Promise<ScriptFile> {
  const folder = file === '-' ? process.cwd() : dirname(resolve(file));
  return { ...readScriptText(await readScriptBytes(file), fileNameOf(file)), folder };
}

/** How messages name a script. */
export function fileNameOf(file: string): string {
  return file === '-' ? '<stdin>' : file;
}
