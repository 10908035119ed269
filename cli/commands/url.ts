import type { Command } from 'commander';
import type { PublishedOutput } from '../../story/film/published-film.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { UsageError } from '../shell/cli-errors.ts';
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
  readonly captions?: boolean;
  readonly output?: string;
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
    .option('--captions', 'of the captions instead, as WebVTT')
    .option('--output <name>', 'of a further file instead, by its name under outputs')
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
        ...(film.captionsKey === undefined ? {} : { captionsUrl: await sign(film.captionsKey) }),
        ...(film.outputs === undefined ? {} : { outputs: await signEach(film.outputs, sign) }),
      };
    });
    cli.terminal.out(
      options.json === true ? JSON.stringify({ workflowId: id, ...urls }) : chosenUrl(urls, id, options),
    );
    return 'ok';
  });
}

/** URLs of a film and of what lies beside it. */
interface FilmUrls {
  readonly filmUrl: string;
  readonly posterUrl: string;
  readonly storyboardUrl: string;
  readonly manifestUrl: string;
  readonly captionsUrl?: string;
  /** By name. */
  readonly outputs?: Readonly<Record<string, string>>;
}

async function signEach(
  outputs: readonly PublishedOutput[],
  sign: (key: string) => Promise<string>,
): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  for (const { name, key } of outputs) urls[name] = await sign(key);
  return urls;
}

/** @throws UsageError for an output that the script does not have; AbsentError for captions of a film without any. */
function chosenUrl(urls: FilmUrls, id: string, { output, captions, poster, storyboard, manifest }: UrlOptions): string {
  if (output !== undefined) {
    const url = urls.outputs?.[output];
    if (url !== undefined) return url;
    const known = Object.keys(urls.outputs ?? {});
    const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    throw new UsageError(`${id} has no output ${JSON.stringify(output)}; ${has} (outputs: … in the script)`);
  }
  if (captions === true) {
    if (urls.captionsUrl !== undefined) return urls.captionsUrl;
    throw new AbsentError(
      `the film of ${id} has no captions; give its shots captions (caption: …) and render it again`,
    );
  }
  if (poster === true) return urls.posterUrl;
  if (storyboard === true) return urls.storyboardUrl;
  return manifest === true ? urls.manifestUrl : urls.filmUrl;
}
