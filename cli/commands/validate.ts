import type { Command } from 'commander';
import { counted } from '../../errors/counted.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, rewriteOption, strictOption } from '../shell/help-text.ts';
import { preparePath } from '../story/prepare-story.ts';
import type { PictureOptions, WordOptions } from '../story/prepare-story.ts';
import { rewriteStoryFile } from '../story/rewrite-story.ts';
import { noteWarnings } from '../story/story-warnings.ts';
import { fileNameOf } from '../story/script-file.ts';

interface ValidateOptions extends PictureOptions, WordOptions {
  readonly rewrite?: boolean;
  readonly json?: boolean;
  readonly models?: string;
}

/** `shotline validate`. */
export function addValidateCommand(program: Command, cli: Cli): void {
  program
    .command('validate')
    .summary('check a story script; every problem at once')
    .description(
      'Checks a story script against its schema and its model set, and names every problem with line and path. Words ' +
        'that the models do not know are warnings. Needs no servers.',
    )
    .argument('<story>', 'a story file (YAML or JSON, - for stdin)')
    .option(...outsideOption)
    .option('--models <set>', 'model set instead of the one in the script')
    .option(...rewriteOption)
    .option(...strictOption)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline validate story.yaml', does: 'Check a script before it costs anything:' },
        { command: 'shotline validate story.yaml --rewrite', does: 'Put prompts in sentences that the models follow:' },
        { command: 'shotline validate - < story.yaml', does: 'From another program:' },
      ]),
    )
    .action((story: string, options: ValidateOptions) => runCommand(cli, options, () => validate(cli, story, options)));
}

async function validate(cli: Cli, file: string, options: ValidateOptions): Promise<Outcome> {
  if (options.rewrite === true) await rewriteStoryFile(cli, file, options.models);
  const { plan, warnings, workflowId } = await preparePath(cli, file, options);
  const fileName = fileNameOf(file);
  noteWarnings(cli, fileName, warnings);
  const { title, numFrames, seconds } = plan;
  if (options.json === true) {
    cli.terminal.out(
      JSON.stringify({
        valid: true,
        workflowId,
        title,
        shots: plan.shots.length,
        frames: numFrames,
        seconds,
        warnings,
      }),
    );
  } else {
    cli.terminal.out(
      `${fileName}: valid; "${title}", ${counted(plan.shots.length, 'shot')}, ${counted(numFrames, 'frame')}, ${seconds.toFixed(1)} s`,
    );
  }
  return 'ok';
}
