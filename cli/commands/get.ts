import { basename } from 'node:path';
import type { Command } from 'commander';
import { AbsentError } from '../../client/absent-error.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { byteSize } from '../shell/time-format.ts';
import { withBackend } from '../stack/backend.ts';
import type { Backend } from '../stack/backend.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withoutFilm } from '../story/without-film.ts';

interface GetOptions extends PictureOptions {
  readonly save?: string;
  readonly poster?: boolean;
  readonly storyboard?: boolean;
  readonly manifest?: boolean;
  readonly captions?: boolean;
  readonly shots?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `shotline get`. */
export function addGetCommand(program: Command, cli: Cli): void {
  program
    .command('get')
    .summary('save a film, or what lies beside it, as a file')
    .description(
      'Saves the film of a finished story as a file, or its poster, storyboard, captions or manifest. With --shots it saves each shot ' +
        'and join as a film of its own, also of a story that is still running: those that are done. What is saved is whole ' +
        'and as it was published.',
    )
    .argument('<story>', storyArgument)
    .option(...outsideOption)
    .option('-o, --save <file>', 'where: a file or a folder; by default under its own name in this folder')
    .option('--poster', 'the poster instead')
    .option('--storyboard', 'the storyboard instead')
    .option('--manifest', 'the manifest instead')
    .option('--captions', 'the captions instead: as WebVTT, or as SRT where -o ends in .srt')
    .option('--shots', 'each shot and join as a film of its own, in a folder')
    .option('--json', 'print one JSON object on stdout')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline get story.yaml -o film.mp4', does: 'The film:' },
        { command: 'shotline get story.yaml --captions -o film.srt', does: 'Its captions:' },
        { command: 'shotline get story.yaml --shots -o shots/', does: 'Its shots, for an editor:' },
      ]),
    )
    .action((story: string, options: GetOptions) => runCommand(cli, options, () => get(cli, story, options)));
}

async function get(cli: Cli, argument: string, options: GetOptions): Promise<Outcome> {
  const chosen = (['poster', 'storyboard', 'manifest', 'captions', 'shots'] as const).filter(
    (kind) => options[kind] === true,
  );
  if (chosen.length > 1) {
    throw new UsageError(
      `${chosen.map((kind) => `--${kind}`).join(' and ')} are asked for; get saves one thing at a time`,
    );
  }
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const files =
      options.shots === true ? await saveShots(cli, backend, id, options) : [await saveOne(cli, backend, id, options)];
    if (options.json === true) cli.terminal.out(JSON.stringify({ workflowId: id, files }));
    else for (const { file, bytes } of files) cli.terminal.out(`${file}  ${byteSize(bytes)}`);
    return 'ok';
  });
}

interface SavedFile {
  readonly file: string;
  readonly bytes: number;
}

async function saveOne(cli: Cli, { story, env }: Backend, id: string, options: GetOptions): Promise<SavedFile> {
  const handle = story(id);
  const film = await handle.film();
  if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
  const [{ withBucket }, { pathFor, saveObject }, { stat }] = await Promise.all([
    import('../../client/bucket.ts'),
    import('../story/saved-file.ts'),
    import('node:fs/promises'),
  ]);
  const key = film[keyOf(options)];
  if (key === undefined) {
    throw new AbsentError(
      `the film of ${id} has no captions; give its shots captions (caption: …) and render it again`,
    );
  }
  const title = basename(film.filmKey, '.mp4');
  const file = await pathFor(options.save, key === film.filmKey ? `${title}.mp4` : `${title}-${basename(key)}`);
  await withBucket(env, (objects) =>
    saveObject(objects, key, file, { terminal: cli.terminal, quiet: options.quiet === true }),
  );
  return { file, bytes: (await stat(file)).size };
}

type KeyOfFilm = 'filmKey' | 'posterKey' | 'storyboardKey' | 'manifestKey' | 'captionsKey' | 'subtitlesKey';

function keyOf(options: GetOptions): KeyOfFilm {
  if (options.captions === true) return /\.srt$/i.test(options.save ?? '') ? 'subtitlesKey' : 'captionsKey';
  if (options.poster === true) return 'posterKey';
  if (options.storyboard === true) return 'storyboardKey';
  return options.manifest === true ? 'manifestKey' : 'filmKey';
}

async function saveShots(cli: Cli, { story, env }: Backend, id: string, options: GetOptions): Promise<SavedFile[]> {
  const plan = await story(id).plan();
  const { saveItems } = await import('../story/saved-shots.ts');
  const folder = options.save ?? `${plan.slug}-shots`;
  const { saved, missing } = await saveItems(env, plan, folder);
  if (saved.length === 0)
    throw new AbsentError(`no shot of ${id} is done yet; \`shotline watch ${id}\` shows how far it is`);
  if (missing.length > 0) cli.terminal.note(`not made yet: ${missing.join(', ')}`);
  return saved;
}
