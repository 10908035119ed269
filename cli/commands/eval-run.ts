import { type Command, Option } from 'commander';
import type { CampaignWish } from '../campaign/campaign-input.ts';
import { statusLine, summaryLines } from '../campaign/campaign-status.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { parseCount, parseTenant } from '../shell/option-parsers.ts';
import { environmentThatAnswers, type Backend, withBackend } from '../stack/backend.ts';
import { roughly } from '../shell/time-format.ts';

/** A campaign has thousands of tasks, and lasts longer than it takes to ask for them all; milliseconds. */
const askMs = 30_000;

interface RunOptions extends CampaignWish {
  readonly stack: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `shotline eval run`. */
export function addEvalRunCommand(evaluate: Command, cli: Cli): void {
  const gather = (value: string, before: readonly string[] = []): string[] => [...before, value];
  evaluate
    .command('run')
    .summary('make and measure the clips of a prompt suite')
    .description(
      'Makes the clips of a prompt suite on the pools and measures each in the dimensions that its prompt is there for. Clips stay ' +
        'as the base model makes them: nothing is interpolated or upscaled. Clips and measures are kept by content, so a campaign that was stopped goes on ' +
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
    .option('--base <name>', 'an alternative of the set for its base model, as models.base in a script')
    .option('--eyes <set>', 'a set whose packages look at the clips, such as vbench; without it those of the model set')
    .option('--samples <number>', 'clips per prompt', parseCount, 2)
    .option('--set <key=value>', 'a switch of the script, as in defaults or in a shot; may be given again', gather)
    .option('--interpolate', 'measure clips as a film shows them, with frames between those of the base model')
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
  const { prepareCampaign } = await import('../campaign/campaign-input.ts');
  const { campaignTasks, estimateCampaign } = await import('../campaign/campaign-estimate.ts');
  const prepared = await prepareCampaign(cli, options);
  const { input, models } = prepared;
  const tasks = campaignTasks(input);
  const estimateIn = async (env: Backend['env'] | null) => {
    const made =
      env === null ? null : await (await import('../../client/made-artifacts.ts')).findMade(env, tasks, askMs);
    return estimateCampaign(input, tasks, made);
  };
  const say = (estimate: Awaited<ReturnType<typeof estimateIn>>): void => {
    const found =
      estimate.made === null ? 'unknown how many are made already' : `${String(estimate.made)} made already`;
    cli.terminal.note(
      `${input.label}: ${String(input.prompts.length)} prompts, ${String(estimate.clips)} clips, ${String(estimate.tasks)} tasks, ${found}; ` +
        `${roughly(estimate.seconds * 1000)} on two CPU cores`,
    );
  };
  if (options.dryRun === true) {
    const estimate = await estimateIn(await environmentThatAnswers(cli));
    say(estimate);
    if (options.json === true) cli.terminal.out(JSON.stringify({ label: input.label, ...estimate }));
    return 'ok';
  }
  return withBackend<Outcome>(cli, options.stack ? 'start' : 'find', async (backend) => {
    const { pushPackages } = await import('../../client/push-packages.ts');
    const { startCampaign } = await import('../campaign/campaign-client.ts');
    await pushPackages(backend.env, Object.values(models.dirs));
    say(await estimateIn(backend.env));
    const campaign = await startCampaign(backend.client, backend.temporal, input);
    cli.terminal.note(`campaign ${campaign.id}`);
    if (options.detach === true) {
      cli.terminal.out(options.json === true ? JSON.stringify({ campaignId: campaign.id }) : campaign.id);
      return 'ok';
    }
    const { followCampaign } = await import('../campaign/follow-campaign.ts');
    return followCampaign(cli, campaign, options);
  });
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
        withBackend<Outcome>(cli, 'find', async ({ client }) => {
          const { campaignHandle } = await import('../campaign/campaign-client.ts');
          const status = await campaignHandle(client, id).status();
          if (options.json === true) cli.terminal.out(JSON.stringify(status));
          else if (status.summary === null) cli.terminal.out(statusLine(status));
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
        withBackend<Outcome>(cli, 'find', async ({ client }) => {
          const { campaignHandle } = await import('../campaign/campaign-client.ts');
          await campaignHandle(client, id).cancel();
          cli.terminal.out(
            options.json === true ? JSON.stringify({ campaignId: id, state: 'cancelling' }) : `${id}: cancelling`,
          );
          return 'ok';
        }),
      ),
    );
}
