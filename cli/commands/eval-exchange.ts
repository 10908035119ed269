import { Option } from 'commander';
import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { examplesText } from '../shell/help-text.ts';
import { locateBackend } from '../stack/backend.ts';

/** `shotline eval export` and `import`: the way to the official `vbench` command and back. */
export function addEvalExchangeCommands(evaluate: Command, cli: Cli): void {
  evaluate
    .command('export')
    .summary('write the clips of a campaign as the vbench command expects them')
    .description(
      'Writes the clips of a campaign as MP4 files, named <prompt>-<n>.mp4 as the official vbench command expects them. Run it ' +
        'where its models are, and bring its results back with `eval import`.',
    )
    .argument('<campaign>', 'label or id of a finished campaign, or a part of its id')
    .addOption(new Option('--suite <form>', 'whose form of names').choices(['vbench']).default('vbench'))
    .option('--out <folder>', 'where to write', 'vbench-videos')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline eval export plain --out videos', does: 'The clips:' },
        {
          command: 'vbench evaluate --dimension subject_consistency --videos_path videos',
          does: 'Elsewhere, with the published models:',
        },
      ]),
    )
    .action((name: string, options: { out: string; json?: boolean }) =>
      runCommand(cli, options, async () => {
        const { env } = await locateBackend(cli, 'find');
        const { exportClips } = await import('../campaign/campaign-export.ts');
        const { files, missing } = await exportClips(env, name, options.out);
        for (const each of missing) cli.terminal.note(`not there any more: ${each}; run the campaign again`);
        if (options.json === true)
          cli.terminal.out(JSON.stringify({ folder: options.out, files: files.length, missing }));
        else cli.terminal.out(`${String(files.length)} clips in ${options.out}`);
        return 'ok';
      }),
    );
  evaluate
    .command('import')
    .summary('take over the results of the vbench command as a campaign')
    .description(
      'Takes over the file <name>_eval_results.json of the official vbench command as a finished campaign of the published models, for ' +
        'reports, comparisons and the leaderboard.',
    )
    .argument('<results>', 'a JSON file of the vbench command')
    .requiredOption('--label <text>', 'name in tables and charts')
    .option('--models <set>', 'what made the videos', 'unknown')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        {
          command: 'shotline eval import results_eval_results.json --label "lavie, vbench"',
          does: 'Results of a run elsewhere:',
        },
      ]),
    )
    .action((file: string, options: { label: string; models: string; json?: boolean }) =>
      runCommand(cli, options, async () => {
        const { env } = await locateBackend(cli, 'find');
        const { importFile } = await import('../campaign/campaign-export.ts');
        const record = await importFile(env, file, options);
        const { id, dimensions, final } = record;
        if (options.json === true) cli.terminal.out(JSON.stringify({ id, dimensions: dimensions.length, ...final }));
        else {
          const total = final.total === null ? 'no total: dimensions are missing' : `total ${final.total.toFixed(4)}`;
          cli.terminal.out(`${id}: ${String(dimensions.length)} dimensions, ${total}`);
        }
        return 'ok';
      }),
    );
}
