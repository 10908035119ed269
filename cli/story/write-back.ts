import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { partialOf } from '../../storage/whole-file.ts';
import { decodeScript } from '../../story/script/decode-script.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { reworded } from '../../story/script/script-edits.ts';
import { rewriteShot } from '../../story/script/written-shot.ts';
import type { ShotChange } from '../../story/script/written-shot.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** Sees before anything is changed that the argument is a file that can be written. @throws UsageError. */
export async function checkWriteBack(argument: string): Promise<void> {
  const found = argument === '-' ? null : await stat(argument).catch(() => null);
  if (found?.isFile() === true) return;
  throw new UsageError(`--write changes the story file, and ${argument} is none; name the file, or leave out --write`);
}

/**
 * Writes a change of a shot into its story file, and nothing else: comments, order and all other characters stay. The file is
 * whole at every moment.
 *
 * @throws UsageError when the file does not write the shot out; then it is as it was.
 */
export async function writeBack(file: string, change: ShotChange): Promise<void> {
  const place = await realpath(file);
  const bytes = await readFile(place);
  const decoded = decodeScript(bytes);
  const cannot = (reason: string): UsageError =>
    new UsageError(
      `the story is changed, and ${file} is not: ${reason}; change the ${change.key} of ${change.shot} there yourself`,
    );
  if ('problems' in decoded) throw cannot('it cannot be read as it was');
  if (!Buffer.from(decoded.text, 'utf8').equals(bytes)) throw cannot('it is not plain UTF-8');
  const { text } = decoded;
  const changed = rewriteShot(text, change);
  if (changed === null) throw cannot('it does not write that shot out');
  if (!says(text, changed, change)) throw cannot('its shots depend on each other there');
  const partial = partialOf(place);
  try {
    await writeFile(partial, changed, { mode: (await stat(place)).mode, flush: true });
    await rename(partial, place);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Whether a changed text says the change, and everything else as before. */
function says(before: string, after: string, { shot, key, value }: ShotChange): boolean {
  const script = parseScript(before, { fileName: '' });
  const wanted =
    key === 'prompt'
      ? reworded(script, { shot, prompt: String(value) })
      : {
          ...script,
          shots: script.shots.map((each) =>
            each.id === shot ? { ...each, sampling: { ...each.sampling, seed: Number(value) } } : each,
          ),
        };
  return isDeepStrictEqual(parseScript(after, { fileName: '' }), wanted);
}
