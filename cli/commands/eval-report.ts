import { type Command, Option } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import type { ReportOptions } from '../campaign/campaign-report.ts';
import { locateBackend } from '../stack/backend.ts';
import { textTable } from '../shell/text-table.ts';

const campaignArgument = 'label or id of a finished campaign, or a part of its id';

/** `shotline eval report`, `compare` and `leaderboard`. */
export function addEvalReportCommands(evaluate: Command, cli: Cli): void {
  evaluate
    .command('report')
    .summary('draw finished campaigns: table, radar chart, worst and best clips')
    .description(
      'Writes a report of one or several campaigns into a folder: report.html with table, radar chart, intervals of the differences, ' +
        'and strips of the worst and best clips of each dimension, and the same as one picture, report.png or report.jpg.',
    )
    .argument('<campaigns...>', campaignArgument)
    .option('--out <folder>', 'where to write', 'report')
    .option('--no-strips', 'without pictures of clips')
    .addOption(
      new Option('--picture <format>', 'of the one picture; with clips a jpeg is far smaller')
        .choices(['png', 'jpeg'])
        .default('png'),
    )
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline eval report plain --out report', does: 'One campaign:' },
        {
          command: 'shotline eval report plain freeu',
          does: 'Two in one chart, with the intervals of their differences:',
        },
      ]),
    )
    .action((names: string[], options: ReportOptions & { json?: boolean }) =>
      runCommand(cli, options, async () => {
        const { env } = await locateBackend(cli, 'find');
        const { writeReport } = await import('../campaign/campaign-report.ts');
        const files = await writeReport(env, names, options);
        if (options.json === true) cli.terminal.out(JSON.stringify(files));
        else for (const file of [files.page, files.picture]) cli.terminal.out(file);
        return 'ok';
      }),
    );
  evaluate
    .command('compare')
    .summary('what differs between two campaigns, and how sure that is')
    .description(
      'Compares two campaigns clip by clip (same prompt, same number, same noise) and gives each difference a 95 % interval by ' +
        'bootstrap over prompts. An interval that holds zero shows no difference.',
    )
    .argument('<first>', campaignArgument)
    .argument('<second>', campaignArgument)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline eval compare plain freeu', does: 'What FreeU changes:' }]))
    .action((first: string, second: string, options: { json?: boolean }) =>
      runCommand(cli, options, () => compare(cli, [first, second], options)),
    );
  evaluate
    .command('leaderboard')
    .summary('all finished campaigns in order')
    .description(
      'Lists the finished campaigns of the bucket, best first within a suite. "Comparable" are those of which every score is by the ' +
        'model of the public leaderboard; only they have its total.',
    )
    .option('--json', 'print one JSON object on stdout')
    .action((options: { json?: boolean }) => runCommand(cli, options, () => board(cli, options)));
}

async function compare(cli: Cli, names: readonly [string, string], options: { json?: boolean }): Promise<Outcome> {
  const { env } = await locateBackend(cli, 'find');
  const [{ withCampaigns }, { compareCampaigns }, { differenceTable, standing }] = await Promise.all([
    import('../campaign/campaign-library.ts'),
    import('../../eval/campaign/compare.ts'),
    import('../../eval/report/report-words.ts'),
  ]);
  return withCampaigns<Outcome>(env, async (library) => {
    const [one, two] = [await library.find(names[0]), await library.find(names[1])];
    const rows = compareCampaigns(one, two);
    if (options.json === true) {
      cli.terminal.out(JSON.stringify({ first: one.id, second: two.id, dimensions: rows }));
      return 'ok';
    }
    const [titles = [], ...cells] = differenceTable(rows);
    const columns = titles.map(
      (title, index) => ({ title, align: index === 0 || index === 7 ? 'left' : 'right' }) as const,
    );
    cli.terminal.out(`first: ${one.label} (${one.id}), second: ${two.label} (${two.id})`);
    if (rows.length === 0) cli.terminal.out('they have no clip in common: no prompt that both scored in one dimension');
    else for (const line of textTable(columns, cells)) cli.terminal.out(line);
    cli.terminal.out(standing([one, two]));
    return 'ok';
  });
}

async function board(cli: Cli, options: { json?: boolean }): Promise<Outcome> {
  const { env } = await locateBackend(cli, 'find');
  const [{ withCampaigns }, { leaderboard }, { boardLines }] = await Promise.all([
    import('../campaign/campaign-library.ts'),
    import('../../eval/campaign/leaderboard.ts'),
    import('../campaign/campaign-board.ts'),
  ]);
  return withCampaigns<Outcome>(env, async (library) => {
    const rows = leaderboard(await library.all());
    if (options.json === true) cli.terminal.out(JSON.stringify(rows));
    else if (rows.length === 0) cli.terminal.out('no finished campaign; `shotline eval run` makes one');
    else for (const line of boardLines(rows)) cli.terminal.out(line);
    return 'ok';
  });
}
