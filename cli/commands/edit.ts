import type { Command } from 'commander';
import type { StoryScript } from '../../story/script/script.ts';
import { reworded } from '../../story/script/script-edits.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText, outsideOption, saveOption, storyArgument } from '../shell/help-text.ts';
import type { ChangeOptions } from '../story/change-story.ts';
import type { StoryHandle } from '../../client/story-client.ts';

/** `shotline edit`. */
export function addEditCommand(program: Command, cli: Cli): void {
  program
    .command('edit')
    .summary('give a shot other words and make it again')
    .description(
      'Gives a shot other words, and makes it and its joins again. A running story is changed in place; a story that is ' +
        'over is submitted again with the changed script. The story file stays as it is, unless --write says otherwise.',
    )
    .argument('<story>', storyArgument)
    .argument('<shot>', 'id of the shot')
    .argument('<prompt>', 'the new words, in quotes')
    .option(...outsideOption)
    .option('--write', 'write the new words into the story file too; all else in it stays')
    .option('--detach', 'do not wait for the film')
    .option(...saveOption)
    .option('--json', 'print one JSON object on stdout at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        {
          command: 'shotline edit story.yaml dawn "a green boat sails to the right on the sea at night"',
          does: 'Other words for the shot "dawn":',
        },
      ]),
    )
    .action((story: string, shot: string, prompt: string, options: ChangeOptions) => {
      const request = { shot, prompt };
      const change = {
        shot,
        key: 'prompt' as const,
        value: prompt,
        tell: (handle: StoryHandle) => handle.editShot(request),
        apply: (script: StoryScript) => reworded(script, request),
      };
      return runCommand(cli, options, async () => {
        const { changeStory } = await import('../story/change-story.ts');
        return changeStory(cli, story, change, options);
      });
    });
}
