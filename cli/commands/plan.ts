import type { Command } from 'commander';
import { estimateStory } from '../../story/plan/estimate.ts';
import { clipSizeFor } from '../../story/plan/framing.ts';
import type { ModelSetRef } from '../../story/models/model-set.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, strictOption } from '../shell/help-text.ts';
import { addOverrideOptions } from '../shell/override-options.ts';
import { planColumns, planRows } from '../story/plan-report.ts';
import { preparePath } from '../story/prepare-story.ts';
import type { PictureOptions, WordOptions } from '../story/prepare-story.ts';
import { fileNameOf } from '../story/script-file.ts';
import { noteWarnings } from '../story/story-warnings.ts';
import type { ScriptOverrides } from '../story/script-overrides.ts';
import { environmentThatAnswers } from '../stack/backend.ts';
import { clip, textTable } from '../shell/text-table.ts';
import { roughly } from '../shell/time-format.ts';
import { rateText } from '../../story/script/frame-rate.ts';

interface PlanOptions extends ScriptOverrides, PictureOptions, WordOptions {
  readonly json?: boolean;
}

/** `shotline plan`. */
export function addPlanCommand(program: Command, cli: Cli): void {
  const command = program
    .command('plan')
    .summary('show what a render would do')
    .description(
      'Shows the shots and joins of a story, their frames and tasks, which of them are made already, and about how long the rest takes. Starts nothing; ' +
        'where no storage answers, the column MADE has a question mark.',
    )
    .argument('<story>', 'a story file (YAML or JSON, - for stdin)')
    .option(...outsideOption)
    .option(...strictOption);
  addOverrideOptions(command)
    .option('--json', 'print the whole plan, with every task and artifact key, as one JSON object')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline plan story.yaml', does: 'What would be made:' },
        { command: 'shotline plan story.yaml --json | jq .film.key', does: 'Key of the film in the storage:' },
      ]),
    )
    .action((story: string, options: PlanOptions) => runCommand(cli, options, () => plan(cli, story, options)));
}

async function plan(cli: Cli, file: string, options: PlanOptions): Promise<Outcome> {
  const { terminal } = cli;
  const story = await preparePath(cli, file, options);
  const tasks = tasksOf(story.plan).map(({ task }) => task);
  const env = await environmentThatAnswers(cli);
  const made = env === null ? null : await (await import('../../client/made-artifacts.ts')).findMade(env, tasks);
  const estimate = estimateStory(story.plan, { shared: true }, made ?? new Set());
  noteWarnings(cli, fileNameOf(file), story.warnings);
  if (options.json === true) {
    const madeKeys = made === null ? null : [...made];
    terminal.out(JSON.stringify({ workflowId: story.workflowId, ...story.plan, madeKeys, estimate }));
    return 'ok';
  }
  terminal.out(headline(story.plan, story.models.ref));
  const width = terminal.columns();
  for (const line of textTable(planColumns, planRows(story.plan, made))) terminal.out(clip(line, width));
  const keys = new Set(tasks.map(({ key }) => key));
  const open = made === null ? keys.size : [...keys].filter((key) => !made.has(key)).length;
  const asked = made === null ? 'storage not asked' : `${String(open)} to make`;
  terminal.out(`${String(keys.size)} artifacts, ${asked}; ${roughly(estimate.wallSeconds * 1000)} on two CPU cores`);
  terminal.out(`story ${story.workflowId}`);
  return 'ok';
}

function headline({ title, output, numFrames, seconds }: StoryPlan, models: ModelSetRef): string {
  const size = `${String(output.width)}x${String(output.height)} at ${rateText(output.fps)} fps`;
  const clip = clipSizeFor(models, output);
  const clips = models.shapes === undefined ? '' : `, of clips of ${String(clip.width)}x${String(clip.height)}`;
  return `${title}: ${size}, ${String(numFrames)} frames, ${seconds.toFixed(1)} s${clips}`;
}
