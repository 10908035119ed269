import { stat } from 'node:fs/promises';
import type { Cli } from '../shell/cli.ts';
import { preparePath } from './prepare-story.ts';
import type { PictureOptions } from './prepare-story.ts';

/** The id behind an argument that is a story file or a workflow id. A file that exists wins. */
export async function storyIdFrom(
  cli: Cli,
  argument: string,
  { allowOutside = false }: PictureOptions,
): Promise<string> {
  if (await isScriptFile(argument)) return (await preparePath(cli, argument, { allowOutside })).workflowId;
  return argument;
}

async function isScriptFile(argument: string): Promise<boolean> {
  // What is named like a script is meant as one: then a missing file must be said, not looked up as an id.
  if (argument === '-' || /\.(ya?ml|json)$/i.test(argument)) return true;
  const found = await stat(argument).catch(() => null);
  return found?.isFile() ?? false;
}
