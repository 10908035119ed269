import { basename, join, parse } from 'node:path';
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
import type { SavedItems } from '../story/saved-shots.ts';
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
  readonly sound?: boolean;
  readonly otio?: boolean;
  readonly edl?: boolean;
  readonly output?: string;
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
    .option('--shots', 'each shot, join and card as a film of its own, in a folder')
    .option(
      '--otio',
      'a timeline for editors (OpenTimelineIO), with its shots, joins, cards and sound in a folder beside it',
    )
    .option('--edl', 'an edit list (CMX 3600) with the same folder')
    .option('--output <name>', 'a further file of the story instead, by its name under outputs')
    .option('--sound', 'the sound alone instead: AAC or Opus in an MP4')
    .option('--json', 'print one JSON object on stdout')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline get story.yaml -o film.mp4', does: 'The film:' },
        { command: 'shotline get story.yaml --otio -o story.otio', does: 'A timeline for an editor:' },
        { command: 'shotline get story.yaml --output upright -o upright.mp4', does: 'Another file of the story:' },
        { command: 'shotline get story.yaml --captions -o film.srt', does: 'Its captions:' },
        { command: 'shotline get story.yaml --shots -o shots/', does: 'Its shots, for an editor:' },
      ]),
    )
    .action((story: string, options: GetOptions) => runCommand(cli, options, () => get(cli, story, options)));
}

/** What is asked for in place of the film. */
const kinds = ['poster', 'storyboard', 'manifest', 'captions', 'shots', 'output', 'sound', 'otio', 'edl'] as const;

async function get(cli: Cli, argument: string, options: GetOptions): Promise<Outcome> {
  const chosen = kinds.filter((kind) => options[kind] !== undefined && options[kind] !== false);
  if (chosen.length > 1) {
    throw new UsageError(
      `${chosen.map((kind) => `--${kind}`).join(' and ')} are asked for; get saves one thing at a time`,
    );
  }
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const files = await saveChosen(cli, backend, id, options);
    if (options.json === true) cli.terminal.out(JSON.stringify({ workflowId: id, files }));
    else for (const { file, bytes } of files) cli.terminal.out(`${file}  ${byteSize(bytes)}`);
    return 'ok';
  });
}

async function saveChosen(cli: Cli, backend: Backend, id: string, options: GetOptions): Promise<SavedFile[]> {
  if (options.shots === true) return saveShots(cli, backend, id, options);
  if (options.otio === true) return saveEditList(cli, backend, id, { ...options, kind: 'otio' });
  if (options.edl === true) return saveEditList(cli, backend, id, { ...options, kind: 'edl' });
  if (options.output !== undefined) return saveOutput(cli, backend, id, { ...options, output: options.output });
  if (options.sound === true) return [await saveSound(backend, id, options)];
  return [await saveOne(cli, backend, id, options)];
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
  const own = basename(key);
  const file = await pathFor(options.save, key === film.filmKey ? own : `${parse(film.filmKey).name}-${own}`, id);
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

/** A further file of the story; a stream is a folder of files, which any web server can serve. */
async function saveOutput(
  cli: Cli,
  { story, env }: Backend,
  id: string,
  { output: name, save, quiet }: GetOptions & { readonly output: string },
): Promise<SavedFile[]> {
  const handle = story(id);
  const film = await handle.film();
  if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
  const { outputs = [] } = film;
  const found = outputs.find((output) => output.name === name);
  if (found === undefined) {
    const known = outputs.length === 0 ? 'it has none' : `it has ${outputs.map((output) => output.name).join(', ')}`;
    throw new UsageError(`${id} has no output ${JSON.stringify(name)}; ${known} (outputs: … in the script)`);
  }
  const [{ withBucket }, { pathFor, saveObject }, { stat }] = await Promise.all([
    import('../../client/bucket.ts'),
    import('../story/saved-file.ts'),
    import('node:fs/promises'),
  ]);
  const folder = found.key.slice(0, found.key.lastIndexOf('/') + 1);
  return withBucket(env, async (objects) => {
    const listed = found.stream === true ? (await objects.list(folder)).map(({ key }) => key) : [found.key];
    // What is signed works for a week, and where it lies alone.
    const keys = listed.filter((key) => !basename(key).startsWith('signed-'));
    const files: SavedFile[] = [];
    for (const key of keys) {
      const place = found.stream === true ? join(save ?? `${parse(film.filmKey).name}-${name}`, basename(key)) : null;
      const file = place ?? (await pathFor(save, basename(key), id));
      await saveObject(objects, key, file, { terminal: cli.terminal, quiet: quiet === true });
      files.push({ file, bytes: (await stat(file)).size });
    }
    return files;
  });
}

async function saveSound({ story, env }: Backend, id: string, options: GetOptions): Promise<SavedFile> {
  const plan = await story(id).plan();
  const { saveSoundOf } = await import('../story/saved-shots.ts');
  const { pathFor } = await import('../story/saved-file.ts');
  if (plan.sound === undefined) {
    throw new AbsentError(
      `the film of ${id} has no sound; give it a soundtrack, or its shots a sound, narration or say`,
    );
  }
  const saved = await saveSoundOf(env, plan, await pathFor(options.save, `${plan.slug}.m4a`, id));
  if (saved === null)
    throw new AbsentError(`the sound of ${id} is not made yet; \`shotline watch ${id}\` shows how far it is`);
  return saved;
}

async function saveEditList(
  cli: Cli,
  { story, env }: Backend,
  id: string,
  { save, kind }: GetOptions & { readonly kind: 'otio' | 'edl' },
): Promise<SavedFile[]> {
  const plan = await story(id).plan();
  const [{ saveEdit }, { pathFor }] = await Promise.all([
    import('../story/saved-edit.ts'),
    import('../story/saved-file.ts'),
  ]);
  return someSaved(cli, id, await saveEdit(env, plan, await pathFor(save, `${plan.slug}.${kind}`), kind));
}

/** @throws AbsentError when nothing was saved. */
function someSaved(cli: Cli, id: string, { saved, missing }: SavedItems): SavedFile[] {
  if (saved.length === 0)
    throw new AbsentError(`no shot of ${id} is done yet; \`shotline watch ${id}\` shows how far it is`);
  if (missing.length > 0) cli.terminal.note(`not made yet: ${missing.join(', ')}`);
  return saved.map(({ file, bytes }) => ({ file, bytes }));
}

async function saveShots(cli: Cli, { story, env }: Backend, id: string, options: GetOptions): Promise<SavedFile[]> {
  const plan = await story(id).plan();
  const { saveItems } = await import('../story/saved-shots.ts');
  const folder = options.save ?? `${plan.slug}-shots`;
  return someSaved(cli, id, await saveItems(env, plan, folder));
}
