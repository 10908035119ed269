import { Command } from 'commander';
import type { Cli } from './shell/cli.ts';
import { addCancelCommand } from './commands/cancel.ts';
import { addEditCommand } from './commands/edit.ts';
import { addEnhanceCommand } from './commands/enhance.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addFleetCommand } from './commands/fleet.ts';
import { addGcCommand } from './commands/gc.ts';
import { addGetCommand } from './commands/get.ts';
import { addMcpCommand } from './commands/mcp.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPauseCommand, addResumeCommand } from './commands/pause.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addReleaseCommand } from './commands/release.ts';
import { addRenderCommand } from './commands/render.ts';
import { addRerollCommand } from './commands/reroll.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addStackCommand } from './commands/stack.ts';
import { addStatusCommand } from './commands/status.ts';
import { addUrlCommand } from './commands/url.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addWatchCommand } from './commands/watch.ts';
import { addWordsCommand } from './commands/words.ts';
import { addWhyCommand } from './commands/why.ts';
import { addWorkerCommand } from './commands/worker.ts';
import { environmentLines } from './shell/environment-help.ts';
import { exitCodeLines } from './shell/exit-codes.ts';

/** The command line of `shotline`: every command, its help and nothing that runs before one is chosen. */
export function shotlineProgram(cli: Cli, version: string): Command {
  const program = new Command('shotline')
    .description('Story script in, minute-long 4K film out.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        cli.terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        cli.terminal.note(text.trimEnd());
      },
    })
    .showHelpAfterError('(the option --help shows what there is)')
    .helpCommand(false);

  program.commandsGroup('Write a story:');
  addValidateCommand(program, cli);
  addWordsCommand(program, cli);
  addPlanCommand(program, cli);
  addSchemaCommand(program, cli);
  program.commandsGroup('Make its film:');
  addRenderCommand(program, cli);
  addEnhanceCommand(program, cli);
  addWatchCommand(program, cli);
  addStatusCommand(program, cli);
  addWhyCommand(program, cli);
  addGetCommand(program, cli);
  addUrlCommand(program, cli);
  addVerifyCommand(program, cli);
  program.commandsGroup('Change your mind:');
  addRerollCommand(program, cli);
  addEditCommand(program, cli);
  addPauseCommand(program, cli);
  addResumeCommand(program, cli);
  addCancelCommand(program, cli);
  program.commandsGroup('Judge what came out:');
  addEvalCommand(program, cli);
  program.commandsGroup('Run the machinery:');
  addServeCommand(program, cli, version);
  addMcpCommand(program, cli, version);
  addStackCommand(program, cli);
  addWorkerCommand(program, cli);
  addFleetCommand(program, cli);
  addReleaseCommand(program, cli);
  addModelsCommand(program, cli);
  addGcCommand(program, cli);

  return program.addHelpText(
    'after',
    [
      '',
      'Start here:',
      '  $ shotline render examples/first-film.yaml',
      '',
      'Environment:',
      ...environmentLines(),
      '',
      'Exit codes:',
      ...exitCodeLines(),
    ].join('\n'),
  );
}
