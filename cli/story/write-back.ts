import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { partialOf } from '../../storage/whole-file.ts';
import { decodeScript } from '../../story/script/decode-script.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { reworded } from '../../story/script/script-edits.ts';
import { rewriteShot } from '../../story/script/written-shot.ts';
import type { ShotChange } from '../../story/script/written-shot.ts';
import { UsageError } from '../shell/cli-errors.ts';

/**
 * Sees before anything is changed that a change can be written into the story file.
 *
 * @throws UsageError when the argument is no file, or the file does not write the shot out.
 */
export async function checkWriteBack(argument: string, change: ShotChange): Promise<void> {
  const found = argument === '-' ? null : await stat(argument).catch(() => null);
  if (found?.isFile() !== true) {
    throw new UsageError(
      `--write changes the story file, and ${argument} is none; name the file, or leave out --write`,
    );
  }
  await changedText(argument, change);
}

/**
 * Writes a change of a shot into its story file, and nothing else: comments, order and all other characters stay. The file is
 * whole at every moment.
 *
 * @param option The option that asked for it, for errors.
 * @throws UsageError when the file does not write the shot out; then it is as it was.
 */
export async function writeBack(file: string, change: ShotChange, option = '--write'): Promise<void> {
  const place = await realpath(file);
  const text = await changedText(file, change, option);
  const partial = partialOf(place);
  try {
    await writeFile(partial, text, { mode: (await stat(place)).mode, flush: true });
    await rename(partial, place);
  } finally {
    await rm(partial, { force: true });
  }
}

/** The text of a story file with a change in it. */
async function changedText(file: string, change: ShotChange, option = '--write'): Promise<string> {
  const bytes = await readFile(file);
  const decoded = decodeScript(bytes);
  const cannot = (reason: string): UsageError =>
    new UsageError(
      `${option} cannot change the ${change.key} of ${change.shot} in ${file}: ${reason}; change it there yourself, or leave out ${option}`,
    );
  if ('problems' in decoded) throw cannot('it cannot be read as it was');
  const { text } = decoded;
  const mark = bytes.length - Buffer.byteLength(text, 'utf8') === 3 ? '\uFEFF' : '';
  if (!Buffer.from(mark + text, 'utf8').equals(bytes)) throw cannot('the file is not UTF-8');
  const changed = rewriteShot(text, change);
  if (changed === null) throw cannot('an alias or a merge stands for that shot');
  if (!says(text, changed, change)) throw cannot('other parts of the script take over what it says, by an anchor');
  return mark + changed;
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
