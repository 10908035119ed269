import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, rewriteOption, saveOption, strictOption } from '../shell/help-text.ts';
import { parseTenant } from '../shell/option-parsers.ts';
import { addOverrideOptions } from '../shell/override-options.ts';
import { preparePath } from '../story/prepare-story.ts';
import type { WordOptions } from '../story/prepare-story.ts';
import { rewriteStoryFile } from '../story/rewrite-story.ts';
import { keepSources, sourcesOf } from '../story/kept-sources.ts';
import { checkSave, pathFor } from '../story/saved-file.ts';
import { fileNameOf } from '../story/script-file.ts';
import { noteWarnings } from '../story/story-warnings.ts';
import type { FollowOptions } from '../story/render-story.ts';
import type { ScriptOverrides } from '../story/script-overrides.ts';
import { withBackend } from '../stack/backend.ts';

interface RenderOptions extends FollowOptions, ScriptOverrides, WordOptions {
  readonly rewrite?: boolean;
  readonly stack: boolean;
  readonly tenant?: string;
}

/** `shotline render`. */
export function addRenderCommand(program: Command, cli: Cli): void {
  const command = program
    .command('render')
    .summary('make the film of a story and print its URL')
    .description(
      'Makes the film of a story and prints its URL. Starts the local stack when there is none, and finds the run that ' +
        'is there already when the same story was submitted before. What has been made before is not made again. ' +
        'Ctrl-C leaves; the render goes on.',
    )
    .argument('<story>', 'a story file (YAML or JSON, - for stdin)')
    .option(...outsideOption);
  addOverrideOptions(command)
    .option(...rewriteOption)
    .option(...strictOption)
    .option('--tenant <name>', 'whose work this is: the pools serve tenants in turn', parseTenant)
    .option('--detach', 'submit and print the workflow id; do not wait for the film')
    .option('--no-stack', 'start no servers and no workers: use those that run')
    .option(...saveOption)
    .option('--json', 'print one JSON object on stdout at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        {
          command: 'shotline render examples/first-film.yaml',
          does: 'A film on this machine, servers and workers included:',
        },
        { command: 'shotline render story.yaml -o film.mp4', does: 'A film as a file:' },
        { command: 'shotline render story.yaml --output 720p', does: 'A quick look at a smaller size:' },
        { command: 'shotline render story.yaml --json | jq -r .filmUrl', does: 'Only the URL, for a script:' },
        {
          command:
            'SHOTLINE_TEMPORAL_ADDRESS=temporal:7233 SHOTLINE_S3_ENDPOINT=http://s3:9000 shotline render story.yaml',
          does: 'On servers and workers that run elsewhere:',
        },
      ]),
    )
    .action((story: string, options: RenderOptions) => runCommand(cli, options, () => render(cli, story, options)));
}

async function render(cli: Cli, file: string, options: RenderOptions): Promise<Outcome> {
  if (options.rewrite === true) await rewriteStoryFile(cli, file, options.models);
  const story = await preparePath(cli, file, options);
  const ownName = story.script.output.encoding?.codec === 'prores' ? 'film.mov' : 'film.mp4';
  await checkSave(options, ownName);
  if (options.save !== undefined)
    await keepSources(await pathFor(options.save, ownName), sourcesOf(file, story.script));
  noteWarnings(cli, fileNameOf(file), story.warnings);
  return withBackend<Outcome>(cli, options.stack ? 'start' : 'find', async (backend) => {
    const { renderStory } = await import('../story/render-story.ts');
    return renderStory(cli, backend, story, options);
  });
}
