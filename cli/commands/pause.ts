import type { Command } from 'commander';
import type { StoryStatus } from '../../workflows/contracts.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import { withBackend } from '../stack/backend.ts';
import type { StackWish } from '../stack/backend.ts';

interface PauseOptions extends PictureOptions {
  readonly json?: boolean;
}

/** `shotline pause`. */
export function addPauseCommand(program: Command, cli: Cli): void {
  program
    .command('pause')
    .summary('stop the work of a story for a while')
    .description(
      'Stops all work of a story at its next checkpoint and returns when every pool is free of it. `shotline resume` ' +
        'goes on at the same step.',
    )
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline pause story.yaml', does: 'Free the machine:' }]))
    .action((argument: string, options: PauseOptions) =>
      runCommand(cli, options, () => tell(cli, argument, 'find', options, (story) => story.pause())),
    );
}

/** `shotline resume`. */
export function addResumeCommand(program: Command, cli: Cli): void {
  program
    .command('resume')
    .summary('go on with a paused story')
    .description('Goes on with a story where `shotline pause` stopped it.')
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline resume story.yaml', does: 'Go on:' }]))
    .action((argument: string, options: PauseOptions) =>
      runCommand(cli, options, () => tell(cli, argument, 'start', options, (story) => story.resume())),
    );
}

async function tell(
  cli: Cli,
  argument: string,
  wish: StackWish,
  options: PauseOptions,
  say: (story: StoryHandle) => Promise<StoryStatus>,
): Promise<Outcome> {
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, wish, async (backend) => {
    const { state, tasksDone, tasksOf } = await say(backend.story(id));
    if (options.json === true) cli.terminal.out(JSON.stringify({ workflowId: id, state, tasksDone, tasksOf }));
    else cli.terminal.out(`${id}: ${state}, ${String(tasksDone)} of ${String(tasksOf)} tasks done`);
    return 'ok';
  });
}
