import type { Command } from 'commander';
import { scriptJsonSchema } from '../../story/script/script-schema.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText } from '../shell/help-text.ts';

/** `shotline schema`. */
export function addSchemaCommand(program: Command, cli: Cli): void {
  program
    .command('schema')
    .summary('print the JSON Schema of story scripts')
    .description('Prints the JSON Schema of story scripts, for editors that complete and check while you write.')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline schema > story.schema.json', does: 'A file for the editor:' },
        {
          command: "sed -i '1i # yaml-language-server: $schema=story.schema.json' story.yaml",
          does: 'Tell the YAML language server about it:',
        },
      ]),
    )
    .action(() =>
      runCommand(cli, {}, () => {
        cli.terminal.out(JSON.stringify(scriptJsonSchema(), null, 2));
        return Promise.resolve('ok');
      }),
    );
}
