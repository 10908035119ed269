import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { cacheDirFromEnv } from '../../storage/config.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { parseSeed, parseSize } from '../shell/option-parsers.ts';
import { clipsAt, clipStory } from '../story/clip-story.ts';
import type { ClipStoryOptions } from '../story/clip-story.ts';
import { prepareScriptFile } from '../story/prepare-story.ts';
import { keepSources } from '../story/kept-sources.ts';
import { checkSave, pathFor, prepareFolder } from '../story/saved-file.ts';
import { noteWarnings } from '../story/story-warnings.ts';
import type { FollowOptions } from '../story/render-story.ts';
import { withBackend } from '../stack/backend.ts';

interface EnhanceOptions extends ClipStoryOptions, FollowOptions {
  readonly save: string;
  readonly stack: boolean;
}

/** `shotline enhance`. */
export function addEnhanceCommand(program: Command, cli: Cli): void {
  program
    .command('enhance')
    .summary('make a clip of your own larger, and perhaps paint it anew')
    .description(
      'Enlarges a video in its own rate, with its sound: a story of one shot. A folder of videos is enlarged one after the other. What was made stays: the same ' +
        'command goes on where it was stopped, and every worker takes part in each clip.',
    )
    .argument('<clip>', 'a video (mp4, mov, webm, mkv, gif), a folder of videos, or a folder of pictures')
    .requiredOption('-o, --save <file>', 'the film; for several clips a folder')
    .option(
      '--output <size>',
      "size of the film: 3840x2160, 1080p, 9:16; the clip's own shape in 4K without it",
      parseSize,
    )
    .option('--upscaler <name>', 'what enlarges it: model (of the model set) or lanczos')
    .option('--paint <strength>', 'paints it anew with the enhancer of the set, above 0 and up to 1', number)
    .option('--scale <factor>', 'by how much it is enlarged before it is painted', number)
    .option('--prompt <words>', 'what it shows, for an enhancer that reads words')
    .option('--from <seconds>', 'leaves out its beginning', number)
    .option('--to <seconds>', 'leaves out its end', number)
    .option('--mute', 'leaves out its sound')
    .option('--models <set>', 'model set: pocket without it')
    .option('--seed <number>', 'seed of the noise of the enhancer', parseSeed)
    .option('--no-stack', 'start no servers and no workers: use those that run')
    .option('--json', 'print one JSON object for each film')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline enhance clip.mp4 -o film.mp4 --output 3840x2160', does: 'A clip in 4K:' },
        {
          command: 'shotline enhance clips/ -o films/ --upscaler lanczos',
          does: 'All videos of a folder, without a model:',
        },
        {
          command: 'shotline enhance clip.mp4 -o film.mp4 --paint 0.5 --scale 2',
          does: 'With the enhancer of the model set:',
        },
      ]),
    )
    .action((clip: string, options: EnhanceOptions) => runCommand(cli, options, () => enhance(cli, clip, options)));
}

async function enhance(cli: Cli, path: string, options: EnhanceOptions): Promise<Outcome> {
  const clips = await clipsAt(path);
  const [first] = clips;
  if (clips.length === 1 && first !== undefined) return enhanceOne(cli, first, options);
  const place = await stat(options.save).catch(() => null);
  if (place?.isFile() === true || extname(options.save) !== '') {
    throw new UsageError(`${path} has ${String(clips.length)} clips and -o is ${options.save}; name a folder`);
  }
  await prepareFolder(options.save);
  const films = filmNames(clips).map((name) => join(options.save, name));
  // Before the first of them is made.
  for (const film of films) await keepSources(film, clips);
  let worst: Outcome = 'ok';
  for (const [index, clip] of clips.entries()) {
    const outcome = await enhanceOne(cli, clip, { ...options, save: films[index] ?? '' }).catch(
      async (error: unknown) => {
        // One that is no clip must not stop the others.
        if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') throw error;
        // It knows the errors of Temporal's client, which a command that goes well may not need.
        const { errorLines, reportOf } = await import('../shell/error-report.ts');
        for (const line of errorLines(reportOf(error, cacheDirFromEnv(cli.env)))) cli.terminal.note(line);
        return 'script' as const;
      },
    );
    if (outcome === 'detached' || outcome === 'cancelled') return outcome;
    if (outcome !== 'ok') worst = outcome;
  }
  return worst;
}

/** Names of the films of several clips: those of the clips, with their endings where two are called alike. */
function filmNames(clips: readonly string[]): readonly string[] {
  const stems = clips.map((clip) => basename(clip, extname(clip)));
  return clips.map((clip, index) => {
    const stem = stems[index] ?? '';
    return `${stems.filter((each) => each === stem).length > 1 ? basename(clip) : stem}.mp4`;
  });
}

async function enhanceOne(cli: Cli, clip: string, options: EnhanceOptions): Promise<Outcome> {
  const { save, json, quiet, stack } = options;
  await checkSave({ save });
  await keepSources(await pathFor(save, 'film.mp4'), [clip]);
  const story = await prepareScriptFile(cli, await clipStory(clip, options));
  noteWarnings(cli, clip, story.warnings);
  return withBackend<Outcome>(cli, stack ? 'start' : 'find', async (backend) => {
    const { renderStory } = await import('../story/render-story.ts');
    const follow: FollowOptions = {
      save,
      ...(json === undefined ? {} : { json }),
      ...(quiet === undefined ? {} : { quiet }),
    };
    return renderStory(cli, backend, story, follow);
  });
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number.');
  return value;
}
