import type { Command } from 'commander';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { parseHours } from '../shell/option-parsers.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withoutFilm } from '../story/without-film.ts';
import { withBackend } from '../stack/backend.ts';

interface UrlOptions extends PictureOptions {
  readonly poster?: boolean;
  readonly storyboard?: boolean;
  readonly manifest?: boolean;
  readonly hours: number;
  readonly json?: boolean;
}

/** `shotline url`. */
export function addUrlCommand(program: Command, cli: Cli): void {
  program
    .command('url')
    .summary('print a fresh URL of a film')
    .description('Prints a freshly signed URL of a finished film, or of what lies beside it.')
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('--poster', 'of the poster instead')
    .option('--storyboard', 'of the storyboard instead')
    .option('--manifest', 'of the manifest instead')
    .option('--hours <number>', 'how long the URL works, hours, at most 168', parseHours, 24)
    .option('--json', 'print all URLs as one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'mpv "$(shotline url story.yaml)"', does: 'Play the film:' },
        { command: 'shotline url story.yaml --manifest | xargs curl -s', does: 'See how each frame came to be:' },
      ]),
    )
    .action((story: string, options: UrlOptions) => runCommand(cli, options, () => url(cli, story, options)));
}

async function url(cli: Cli, argument: string, options: UrlOptions): Promise<Outcome> {
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async ({ story, env }) => {
    const handle = story(id);
    const film = await handle.film();
    if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
    const [{ createFilmStore }, { withBucket }] = await Promise.all([
      import('../../storage/film-store.ts'),
      import('../../client/bucket.ts'),
    ]);
    const urls = await withBucket(env, async (objects) => {
      const films = createFilmStore(objects);
      const sign = (key: string) => films.url(key, options.hours * 3600);
      return {
        filmUrl: await sign(film.filmKey),
        posterUrl: await sign(film.posterKey),
        storyboardUrl: await sign(film.storyboardKey),
        manifestUrl: await sign(film.manifestKey),
      };
    });
    cli.terminal.out(options.json === true ? JSON.stringify({ workflowId: id, ...urls }) : urls[chosen(options)]);
    return 'ok';
  });
}

function chosen(options: UrlOptions): 'filmUrl' | 'posterUrl' | 'storyboardUrl' | 'manifestUrl' {
  if (options.poster === true) return 'posterUrl';
  if (options.storyboard === true) return 'storyboardUrl';
  return options.manifest === true ? 'manifestUrl' : 'filmUrl';
}
