import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withBackend } from '../stack/backend.ts';

interface CancelOptions extends PictureOptions {
  readonly wait: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `shotline cancel`. */
export function addCancelCommand(program: Command, cli: Cli): void {
  program
    .command('cancel')
    .summary('stop a running story')
    .description(
      'Stops a running story and waits until its engines are free: within one denoising step and a second. What is done ' +
        'stays, so a later render goes on from there.',
    )
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('--no-wait', 'ask for it and return at once')
    .option('--force', 'end it without asking its workflow, which may hang after an upgrade of the workers')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([{ command: 'shotline cancel story.yaml', does: 'Stop the story of a script:' }]),
    )
    .action((story: string, options: CancelOptions) => runCommand(cli, options, () => cancel(cli, story, options)));
}

async function cancel(cli: Cli, argument: string, options: CancelOptions): Promise<Outcome> {
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const story = backend.story(id);
    const report = (state: string) => {
      cli.terminal.out(options.json === true ? JSON.stringify({ workflowId: id, state }) : `${id}: ${state}`);
      return 'ok' as const;
    };
    const { status } = await story.describe();
    if (status.name !== 'RUNNING') return report(`was over already (${status.name.toLowerCase()})`);
    if (options.force === true) {
      await story.end();
      return report('ended');
    }
    await story.cancel();
    if (!options.wait) return report('cancelling');
    const trouble = (message: string | null) => {
      if (message !== null) cli.terminal.note(message);
    };
    const { followStory } = await import('../story/follow-story.ts');
    const observer = { snapshot: () => undefined, trouble };
    const end = await followStory(backend.client, story, observer, cli.interruption(), null);
    if (end.kind === 'detached') return 'detached';
    return report(end.kind === 'film' ? 'finished before it could be cancelled' : 'cancelled');
  });
}
