import { loadSetWords } from '../../client/set-words.ts';
import { betterPrompts, warnPrompts } from '../../story/language/prompt-warnings.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { Cli } from '../shell/cli.ts';
import { readScriptFile } from './script-file.ts';
import { writeBack } from './write-back.ts';

/**
 * Puts the prompts of a story file that the models will hardly follow in the nearest sentences that they learned, and says each. All else in
 * the file stays.
 *
 * @throws PipelineError `SCRIPT_*`, `MODEL_*`; UsageError when there is no file.
 */
export async function rewriteStoryFile(cli: Cli, file: string, models?: string): Promise<void> {
  if (file === '-')
    throw new UsageError('--rewrite changes the story file, and stdin is none; name the file, or leave out --rewrite');
  const { script } = await readScriptFile(file);
  const words = await loadSetWords(cli.config().modelsDir, models ?? script.models);
  if (words === null || warnPrompts(script, words).length === 0) {
    cli.terminal.note(`${file}: no prompt needs other words`);
    return;
  }
  const better = betterPrompts(script, words);
  for (const { shot, from, to } of better) {
    try {
      await writeBack(file, { shot, key: 'prompt', value: to }, '--rewrite');
      cli.terminal.note(`${file}: shot ${shot}: "${from}" is now "${to}"`);
    } catch (error) {
      // What an anchor says for several shots stays; the others are rewritten all the same.
      if (!(error instanceof UsageError)) throw error;
      cli.terminal.note(`${file}: shot ${shot} stays as it is: ${error.message}`);
    }
  }
  if (better.length === 0) cli.terminal.note(`${file}: no prompt can be rewritten; what is warned of needs you`);
}
