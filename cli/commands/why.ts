import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { withBackend } from '../stack/backend.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';

interface WhyOptions extends PictureOptions {
  readonly json?: boolean;
}

/** `shotline why`. */
export function addWhyCommand(program: Command, cli: Cli): void {
  program
    .command('why')
    .summary('say what a story waits for')
    .description(
      'Says why a story is not done yet: tasks that wait for workers, and for how many others; tasks that failed and where; ' +
        'workers that gave no sign of life; and which tasks the film waits for the longest.',
    )
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline why story.yaml', does: 'Why it takes so long:' }]))
    .action((story: string, options: WhyOptions) => runCommand(cli, options, () => explain(cli, story, options)));
}

async function explain(cli: Cli, argument: string, options: WhyOptions): Promise<Outcome> {
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const [{ fetchFacts }, { reasonsOf, wayText, whyLines }] = await Promise.all([
      import('../fleet/story-facts.ts'),
      import('../fleet/why.ts'),
    ]);
    const facts = await fetchFacts(backend.client, backend.temporal, backend.story(id));
    if (options.json === true) {
      const { status, way } = facts;
      const { state, tasksDone, tasksOf } = status;
      const told = { storyId: id, state, tasksDone, tasksOf, reasons: reasonsOf(facts), longestWay: wayText(way) };
      cli.terminal.out(JSON.stringify(told));
    } else for (const line of whyLines(facts)) cli.terminal.out(line);
    return 'ok';
  });
}
