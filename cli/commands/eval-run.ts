import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { CampaignSummary } from '../../activities/contracts.ts';
import type { CampaignStatus } from '../../workflows/campaign-contracts.ts';
import type { CampaignHandle } from '../campaign-client.ts';
import type { CampaignWish } from '../campaign-input.ts';
import { runCommand } from '../cli.ts';
import type { Cli } from '../cli.ts';
import type { Outcome } from '../exit-codes.ts';
import { examplesText } from '../help-text.ts';
import { parseCount, parseTenant } from '../option-parsers.ts';
import { findEnvironment, type Studio, withStudio } from '../studio.ts';
import { textTable } from '../text-table.ts';
import { clock, roughly } from '../time-format.ts';

interface RunOptions extends CampaignWish {
  readonly stack: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** A campaign changes every few seconds; a line every ten is enough to read. */
const pollMs = 2_000;
const lineMs = 10_000;

/** `shotline eval run`. */
export function addEvalRunCommand(evaluate: Command, cli: Cli): void {
  const gather = (value: string, before: readonly string[] = []): string[] => [...before, value];
  evaluate
    .command('run')
    .summary('make and measure the clips of a prompt suite')
    .description(
      'Makes the clips of a prompt suite on the pools and measures each in the dimensions that its prompt is there for. Clips stay ' +
        'at the size of the model: nothing is upscaled. Clips and measures are kept by content, so a campaign that was stopped goes on ' +
        'where it was, and one with other settings shares what is the same. Campaigns go after all stories. Two campaigns ' +
        'over one suite start from the same noise, so `eval compare` compares them in pairs.',
    )
    .addOption(
      new Option(
        '--suite <suite>',
        'pocket; vbench (its VBench_full_info.json named by SHOTLINE_VBENCH_SUITE); or a JSON file in that form, or a list of prompts',
      ).default('pocket'),
    )
    .option('--models <set>', 'model set', 'pocket')
    .option('--samples <number>', 'clips per prompt', parseCount, 2)
    .option('--set <key=value>', 'a switch of the script, as in defaults or in a shot; may be given again', gather)
    .option('--label <text>', 'name in tables and charts instead of model set and settings')
    .option('--dimension <name>', 'only prompts for this dimension; may be given again', gather)
    .option('--limit <number>', 'only the first prompts', parseCount)
    .option('--tenant <name>', 'whose work this is: the pools serve tenants in turn', parseTenant)
    .option('--dry-run', 'only say what it would cost')
    .option('--detach', 'start it and print its id; do not wait')
    .option('--no-stack', 'start no servers and no workers: use those that run')
    .option('--json', 'print one JSON object on stdout at the end')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline eval run --dry-run', does: 'What the pocket suite costs:' },
        { command: 'shotline eval run --label plain', does: 'The pocket suite with the defaults of the set:' },
        { command: 'shotline eval run --set freeu=true --label freeu', does: 'The same with FreeU, to compare:' },
        {
          command: 'shotline eval run --suite my-prompts.json --set quality=draft',
          does: 'Prompts of your own, fast:',
        },
        { command: 'shotline eval compare plain freeu', does: 'Then, what the setting changes:' },
      ]),
    )
    .action((options: RunOptions) => runCommand(cli, options, () => run(cli, options)));
}

async function run(cli: Cli, options: RunOptions): Promise<Outcome> {
  const { prepareCampaign } = await import('../campaign-input.ts');
  const { campaignTasks, estimateCampaign } = await import('../campaign-estimate.ts');
  const prepared = await prepareCampaign(cli, options);
  const { input, models } = prepared;
  const tasks = campaignTasks(input);
  const estimateIn = async (env: Studio['env'] | null) => {
    const made = env === null ? null : await (await import('../made-artifacts.ts')).findMade(env, tasks);
    return estimateCampaign(input, tasks, made);
  };
  const say = (estimate: Awaited<ReturnType<typeof estimateIn>>): void => {
    const found = estimate.made === null ? 'storage not asked' : `${String(estimate.made)} made already`;
    cli.terminal.note(
      `${input.label}: ${String(input.prompts.length)} prompts, ${String(estimate.clips)} clips, ${String(estimate.tasks)} tasks, ${found}; ` +
        `${roughly(estimate.seconds * 1000)} on two CPU cores`,
    );
  };
  if (options.dryRun === true) {
    const estimate = await estimateIn(await findEnvironment(cli));
    say(estimate);
    if (options.json === true) cli.terminal.out(JSON.stringify({ label: input.label, ...estimate }));
    return 'ok';
  }
  return withStudio<Outcome>(cli, options.stack ? 'start' : 'find', async (studio) => {
    const { pushPackages } = await import('../push-packages.ts');
    const { startCampaign } = await import('../campaign-client.ts');
    await pushPackages(studio.env, Object.values(models.dirs));
    say(await estimateIn(studio.env));
    const campaign = await startCampaign(studio.client, studio.temporal, input);
    cli.terminal.note(`campaign ${campaign.id}`);
    if (options.detach === true) {
      cli.terminal.out(options.json === true ? JSON.stringify({ campaignId: campaign.id }) : campaign.id);
      return 'ok';
    }
    return follow(cli, campaign, options);
  });
}

/** Follows a campaign to its end; Ctrl-C leaves it running. */
async function follow(cli: Cli, campaign: CampaignHandle, options: { readonly json?: boolean }): Promise<Outcome> {
  const signal = cli.interruption();
  const startedMs = Date.now();
  let saidMs = 0;
  while (!signal.aborted) {
    const status = await campaign.status();
    if (status.state !== 'running') return reportEnd(cli, status, options);
    if (Date.now() - saidMs > lineMs) {
      saidMs = Date.now();
      cli.terminal.note(statusLine(status, saidMs - startedMs));
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
  cli.terminal.note(
    `left; the campaign goes on: \`shotline eval status ${campaign.id}\`, \`shotline eval cancel ${campaign.id}\``,
  );
  return 'detached';
}

function reportEnd(cli: Cli, status: CampaignStatus, options: { readonly json?: boolean }): Outcome {
  const { summary, state, failure } = status;
  if (summary === null) {
    cli.terminal.note(state === 'cancelled' ? 'the campaign was cancelled' : `the campaign failed: ${failure ?? ''}`);
    return state === 'cancelled' ? 'cancelled' : 'failed';
  }
  if (options.json === true) cli.terminal.out(JSON.stringify(summary));
  else for (const line of summaryLines(summary)) cli.terminal.out(line);
  return 'ok';
}

/** A campaign's scores as a table, and what was not measured. */
export function summaryLines({ id, label, dimensions, missing, mean, cost, failed }: CampaignSummary): string[] {
  const rows = dimensions.map(({ dimension, score, videos, model }) => [
    dimension,
    score.toFixed(4),
    String(videos),
    model,
  ]);
  return [
    `${label}  (${id})`,
    '',
    ...textTable(
      [
        { title: 'dimension' },
        { title: 'score', align: 'right' },
        { title: 'clips', align: 'right' },
        { title: 'model' },
      ],
      rows,
    ),
    '',
    ...missing.map(({ dimension, reason }) => `not measured: ${dimension}, ${reason}`),
    `mean ${mean === null ? 'none' : mean.toFixed(4)}; ${String(failed)} clips failed${shareOf(cost)}`,
  ];
}

function shareOf({ generateMs, measureMs, clips }: CampaignSummary['cost']): string {
  if (generateMs === 0) return '';
  return `; measuring cost ${((100 * measureMs) / generateMs).toFixed(1)} % of making (${String(clips)} clips made here)`;
}

/** How far a campaign is, in a line. */
export function statusLine(status: CampaignStatus, elapsedMs: number | null): string {
  const { promptsDone, prompts, measured, clips, cached, failed, state } = status;
  const time = elapsedMs === null ? '' : `${clock(elapsedMs)}  `;
  return `${time}${state}: ${String(promptsDone)} of ${String(prompts)} prompts, ${String(measured)} of ${String(clips)} clips, ${String(cached)} found, ${String(failed)} failed`;
}

/** `shotline eval status` and `shotline eval cancel`. */
export function addEvalControlCommands(evaluate: Command, cli: Cli): void {
  const campaignArgument = 'id of a campaign, as `eval run` prints it';
  evaluate
    .command('status')
    .summary('how far a campaign is')
    .description('Says how far a campaign is, or what it came to.')
    .argument('<campaign>', campaignArgument)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([{ command: 'shotline eval status campaign-pocket-0123456789ab', does: 'How far it is:' }]),
    )
    .action((id: string, options: { json?: boolean }) =>
      runCommand(cli, options, () =>
        withStudio<Outcome>(cli, 'find', async ({ client }) => {
          const { campaignHandle } = await import('../campaign-client.ts');
          const status = await campaignHandle(client, id).status();
          if (options.json === true) cli.terminal.out(JSON.stringify(status));
          else if (status.summary === null) cli.terminal.out(statusLine(status, null));
          else for (const line of summaryLines(status.summary)) cli.terminal.out(line);
          return 'ok';
        }),
      ),
    );
  evaluate
    .command('cancel')
    .summary('stop a campaign')
    .description('Stops a campaign. What is made stays: the same `eval run` goes on from there.')
    .argument('<campaign>', campaignArgument)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([{ command: 'shotline eval cancel campaign-pocket-0123456789ab', does: 'Free its engines:' }]),
    )
    .action((id: string, options: { json?: boolean }) =>
      runCommand(cli, options, () =>
        withStudio<Outcome>(cli, 'find', async ({ client }) => {
          const { campaignHandle } = await import('../campaign-client.ts');
          await campaignHandle(client, id).cancel();
          cli.terminal.out(
            options.json === true ? JSON.stringify({ campaignId: id, state: 'cancelling' }) : `${id}: cancelling`,
          );
          return 'ok';
        }),
      ),
    );
}
