import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { openPerceptionSet } from '../campaign/perception-set.ts';
import { videoReport } from '../campaign/video-report.ts';
import { addEvalExchangeCommands } from './eval-exchange.ts';
import { addEvalReportCommands } from './eval-report.ts';
import { addEvalControlCommands, addEvalRunCommand } from './eval-run.ts';
import { addEvalStoryCommand } from './eval-story.ts';

/** A short clip says nothing on its way; a film of a minute says how far it is. */
const progressMs = 5_000;

interface EvalVideoOptions {
  readonly models?: string;
  readonly long?: boolean;
  readonly json?: boolean;
}

/** `shotline eval`. */
export function addEvalCommand(program: Command, cli: Cli): void {
  const evaluate = program
    .command('eval')
    .summary('measure films on the dimensions of VBench')
    .description(
      'Measures what was made on the dimensions of VBench: one video, or a whole prompt suite with one model set and one kind of ' +
        'settings (a campaign). Every score says which model it comes from.',
    );
  addEvalRunCommand(evaluate, cli);
  addEvalControlCommands(evaluate, cli);
  addEvalReportCommands(evaluate, cli);
  addEvalExchangeCommands(evaluate, cli);
  addEvalStoryCommand(evaluate, cli);
  evaluate
    .command('video')
    .summary('measure a film or clip, without labels')
    .description(
      'Measures a film or clip on the dimensions that need no labels: consistency, flicker, smoothness, motion, noise. The models ' +
        'are classical ones (edges, colours, optical flow), so the scores compare films of this command with each other, not ' +
        'with the public leaderboard; --models takes the packages of a set in their place, where it has some. Five seconds or more are measured in clips of two seconds, as VBench-Long does. Needs no servers.',
    )
    .argument('<file>', 'an H.264 MP4, such as a film of shotline')
    .option('--models <set>', 'a set whose packages look at the film, such as vbench')
    .option(
      '--long',
      'as VBench-Long: cut where scenes change, clips of two seconds, and how alike their first frames are mixed into both consistencies',
    )
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline eval video film.mp4', does: 'Measure a film:' },
        {
          command: "shotline eval video film.mp4 --json | jq '.dimensions[] | select(.score < 0.9)'",
          does: 'What is weak:',
        },
      ]),
    )
    .action((file: string, options: EvalVideoOptions) => runCommand(cli, options, () => evalVideo(cli, file, options)));
}

async function evalVideo(cli: Cli, file: string, options: EvalVideoOptions): Promise<Outcome> {
  // Loaded here, so that other commands start without FFmpeg.
  const { scoreVideo } = await import('../../eval/score-video.ts');
  const { classicalSet } = await import('../../eval/perception/classical-set.ts');
  const { packageSet } = await import('../../eval/perception/package-set.ts');
  let saidMs = Date.now();
  const onProgress = (done: number, of: number): void => {
    if (Date.now() - saidMs < progressMs) return;
    saidMs = Date.now();
    cli.terminal.note(`measured ${String(done)} of ${String(of)} frames`);
  };
  const perception = options.models === undefined ? null : await openPerceptionSet(cli, options.models);
  const models = perception === null ? classicalSet : packageSet(perception.packages, classicalSet);
  const measure = await scoreVideo(file, { models, onProgress, long: options.long === true }).finally(() =>
    perception?.close(),
  );
  if (options.json === true) cli.terminal.out(JSON.stringify(measure));
  else for (const line of videoReport(measure)) cli.terminal.out(line);
  return 'ok';
}
