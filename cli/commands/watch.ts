import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, saveOption, storyArgument } from '../shell/help-text.ts';
import type { FollowOptions } from '../story/render-story.ts';
import { checkSave } from '../story/saved-file.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withBackend } from '../stack/backend.ts';

/** `shotline watch`. */
export function addWatchCommand(program: Command, cli: Cli): void {
  program
    .command('watch')
    .summary('follow a story to its end')
    .description(
      'Follows a running story to its end, as `render` does, and ends as it ends: with the film, its failure, or its ' +
        'cancellation. For a story that is over it prints how it ended. Ctrl-C leaves; the render goes on.',
    )
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option(...saveOption)
    .option('--json', 'print one JSON object on stdout at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline watch story.yaml', does: 'The story of a script:' },
        { command: 'shotline watch story-the-lighthouse-0123456789ab', does: 'By workflow id:' },
      ]),
    )
    .action((story: string, options: FollowOptions) => runCommand(cli, options, () => watch(cli, story, options)));
}

async function watch(cli: Cli, argument: string, options: FollowOptions): Promise<Outcome> {
  await checkSave(options);
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const story = backend.story(id);
    const { startTime, closeTime } = await story.describe();
    const nowMs = Date.now();
    // For a story that is over, the clock stands still at what it took.
    const ranMs = (closeTime?.getTime() ?? nowMs) - startTime.getTime();
    const { followToEnd } = await import('../story/render-story.ts');
    return followToEnd(cli, backend, story, options, nowMs - ranMs);
  });
}
