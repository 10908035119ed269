import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { StoryScript } from '../../story/script/script.ts';
import { UsageError } from '../shell/cli-errors.ts';

/**
 * Sees that a file to be written is none of those that it is made of: what people give to Shotline stays as it is.
 *
 * @param sources Paths of files and folders that are read.
 * @throws UsageError naming the file.
 */
export async function keepSources(file: string, sources: readonly string[]): Promise<void> {
  const place = await realpath(file).catch(() => null);
  if (place === null) return;
  for (const source of sources) {
    if ((await realpath(source).catch(() => null)) === place) {
      throw new UsageError(`${file} would be written over, and the film is made of it; name another place with -o`);
    }
  }
}

/** The story file, and the files of clips and sounds in it: what could have the name of a film. */
export function sourcesOf(file: string, { shots, soundtrack }: StoryScript): readonly string[] {
  const folder = file === '-' ? process.cwd() : dirname(resolve(file));
  const named = [soundtrack?.file, ...shots.flatMap(({ clip, sound }) => [clip, sound?.file])];
  return [file, ...named.flatMap((each) => (each === undefined ? [] : [resolve(folder, each.source)]))];
}
