import type { Command } from 'commander';
import type { StoryScript } from '../../story/script/script.ts';
import { rerolled } from '../../story/script/script-edits.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText, outsideOption, saveOption, storyArgument } from '../shell/help-text.ts';
import { parseSeed } from '../shell/option-parsers.ts';
import type { ChangeOptions } from '../story/change-story.ts';
import type { StoryHandle } from '../../client/story-client.ts';

interface RerollOptions extends ChangeOptions {
  readonly seed?: number;
}

/** `shotline reroll`. */
export function addRerollCommand(program: Command, cli: Cli): void {
  program
    .command('reroll')
    .summary('make a shot again with another seed')
    .description(
      'Makes a shot again with another seed, and the joins that touch it. A running story is changed in place; a story ' +
        'that is over is submitted again with the changed script, under an id of its own.',
    )
    .argument('<story>', storyArgument)
    .argument('<shot>', 'id of the shot')
    .option(...outsideOption)
    .option('--seed <number>', 'the seed; by default the one after the present seed', parseSeed)
    .option('--write', 'write the new seed into the story file too; all else in it stays')
    .option('--detach', 'do not wait for the film')
    .option(...saveOption)
    .option('--json', 'print one JSON object on stdout at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline reroll story.yaml storm', does: 'Another take of the shot "storm":' },
        {
          command: 'shotline reroll story.yaml storm --seed 7 --write',
          does: 'A take that was seen before, for good:',
        },
      ]),
    )
    .action((story: string, shot: string, options: RerollOptions) => {
      const request = { shot, ...(options.seed === undefined ? {} : { seed: options.seed }) };
      const change = {
        shot,
        key: 'seed' as const,
        value: options.seed ?? 0,
        tell: (handle: StoryHandle) => handle.reroll(request),
        apply: (script: StoryScript) => rerolled(script, request),
      };
      return runCommand(cli, options, async () => {
        const { changeStory } = await import('../story/change-story.ts');
        return changeStory(cli, story, change, options);
      });
    });
}
