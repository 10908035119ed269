import type { Command } from 'commander';
import { UsageError } from '../shell/cli-errors.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { byteSize } from '../shell/time-format.ts';
import { withBackend } from '../stack/backend.ts';
import type { Backend } from '../stack/backend.ts';
import type { SavedFile, Saving } from '../story/saving.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';

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

/** What lies beside the film. */
const filmFiles = ['poster', 'storyboard', 'manifest', 'captions'] as const;
/** What is asked for in place of the film. */
const kinds = [...filmFiles, 'shots', 'output', 'sound', 'otio', 'edl'] as const;

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

/** What saves loads storage and FFmpeg, so it is loaded when something is saved. */
async function saveChosen(cli: Cli, backend: Backend, id: string, options: GetOptions): Promise<readonly SavedFile[]> {
  const saving: Saving = { cli, backend, id, save: options.save, quiet: options.quiet === true };
  if (options.output !== undefined) {
    const { saveOutput } = await import('../story/saved-output.ts');
    return saveOutput(saving, options.output);
  }
  const ofFilm = filmFiles.find((kind) => options[kind] === true);
  const ofPlan = options.shots === true || options.otio === true || options.edl === true || options.sound === true;
  if (ofFilm !== undefined || !ofPlan) {
    const { saveFilm } = await import('../story/saved-film.ts');
    return [await saveFilm(saving, ofFilm ?? 'film')];
  }
  const { saveEditList, saveShots, saveSound } = await import('../story/saved-parts.ts');
  if (options.shots === true) return saveShots(saving);
  if (options.sound === true) return [await saveSound(saving)];
  return saveEditList(saving, options.otio === true ? 'otio' : 'edl');
}
