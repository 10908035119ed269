import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { StoryRun, StoryScores } from '../../eval/across/score-story.ts';
import { storyScoreLines } from '../campaign/story-scores.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { withBackend } from '../stack/backend.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withoutFilm } from '../story/without-film.ts';

interface EvalStoryOptions extends PictureOptions {
  readonly film?: string;
  readonly manifest?: string;
  readonly models?: string;
  readonly json?: boolean;
}

/** `shotline eval story`. */
export function addEvalStoryCommand(evaluate: Command, cli: Cli): void {
  evaluate
    .command('story')
    .summary('measure a film across its shots and joins')
    .description(
      'Measures what can be said of a film only across its shots: whether a subject stays itself from shot to shot, whether the shots are of one ' +
        'style, how each join looks beside its shots (flash, duplicates, jump, pace, dissolve, sharpness), and whether scenes change where the ' +
        'script cuts. The models are classical ones; --models takes the packages of a set in their place. With --film and --manifest, as `get` saves ' +
        'them, no server is asked.',
    )
    .argument('[story]', storyArgument)
    .option(...outsideOption)
    .option('--film <file>', 'the film, as `shotline get` saves it')
    .option('--manifest <file>', 'its manifest, as `shotline get --manifest` saves it')
    .option('--models <set>', 'a set whose packages look at the film, such as vbench')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline eval story story.yaml', does: 'Measure the film of a story:' },
        { command: 'shotline eval story --film film.mp4 --manifest manifest.json', does: 'Of files, without servers:' },
      ]),
    )
    .action((story: string | undefined, options: EvalStoryOptions) =>
      runCommand(cli, options, () => evalStory(cli, story, options)),
    );
}

async function evalStory(cli: Cli, story: string | undefined, options: EvalStoryOptions): Promise<Outcome> {
  const { film, manifest } = options;
  if ((film === undefined) !== (manifest === undefined) || (film === undefined) === (story === undefined)) {
    throw new UsageError('say a story, or --film and --manifest, the files of one');
  }
  const scores =
    film !== undefined && manifest !== undefined
      ? await measure(cli, film, manifest, options)
      : await ofStory(cli, await storyIdFrom(cli, story ?? '', options), options);
  if (options.json === true) cli.terminal.out(JSON.stringify(scores));
  else for (const line of storyScoreLines(scores)) cli.terminal.out(line);
  return 'ok';
}

/** Fetches film and manifest of a story, measures them, and throws them away. */
async function ofStory(cli: Cli, id: string, options: EvalStoryOptions): Promise<StoryScores> {
  return withBackend<StoryScores>(cli, 'find', async ({ story, env }) => {
    const handle = story(id);
    const film = await handle.film();
    if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
    const [{ withBucket }, { saveObject }] = await Promise.all([
      import('../../client/bucket.ts'),
      import('../story/saved-file.ts'),
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'shotline-eval-'));
    const [video, manifest] = [join(folder, 'film.mp4'), join(folder, 'manifest.json')];
    try {
      await withBucket(env, async (objects) => {
        await saveObject(objects, film.filmKey, video, { terminal: cli.terminal, quiet: true });
        await saveObject(objects, film.manifestKey, manifest, { terminal: cli.terminal, quiet: true });
      });
      return await measure(cli, video, manifest, options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function measure(cli: Cli, film: string, manifest: string, options: EvalStoryOptions): Promise<StoryScores> {
  const { scoreStory } = await import('../../eval/across/score-story.ts');
  const { classicalSet } = await import('../../eval/perception/classical-set.ts');
  const { packageSet } = await import('../../eval/perception/package-set.ts');
  const { openPerceptionSet } = await import('../campaign/perception-set.ts');
  const perception = options.models === undefined ? null : await openPerceptionSet(cli, options.models);
  const models = perception === null ? classicalSet : packageSet(perception.packages, classicalSet);
  const runs = await runsOf(manifest);
  return scoreStory(film, runs, models).finally(() => perception?.close());
}

/** The runs of a film, as its manifest has them. */
async function runsOf(file: string): Promise<readonly StoryRun[]> {
  const { parseStoryRuns } = await import('../../eval/across/story-runs.ts');
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} is no manifest of a film (${reason}); save one with \`shotline get --manifest\``);
  }
  const runs = parseStoryRuns(content);
  if (runs === null) {
    throw new UsageError(
      `${file} is no manifest of a film: it has no timeline; save one with \`shotline get --manifest\``,
    );
  }
  return runs;
}
