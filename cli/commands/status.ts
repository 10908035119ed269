import type { Command } from 'commander';
import type { StoryResult } from '../../workflows/contracts.ts';
import { boardState } from '../../client/board-state.ts';
import { renderBoard } from '../board/board.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText, outsideOption, storyArgument } from '../shell/help-text.ts';
import { parseCount } from '../shell/option-parsers.ts';
import type { PictureOptions } from '../story/prepare-story.ts';
import { storyIdFrom } from '../story/story-argument.ts';
import { withBackend } from '../stack/backend.ts';
import { workflowPage } from '../../client/workflow-page.ts';
import type { Backend } from '../stack/backend.ts';
import { textTable } from '../shell/text-table.ts';

interface StatusOptions extends PictureOptions {
  readonly json?: boolean;
  readonly limit: number;
}

/** `shotline status`. */
export function addStatusCommand(program: Command, cli: Cli): void {
  program
    .command('status')
    .summary('show how a story is, or list all stories')
    .description(
      'Shows one story with every shot, join and stage, running or over; or lists the stories that Temporal knows.',
    )
    .argument('[story]', storyArgument)
    .option(...outsideOption)
    .option('--limit <number>', 'how many stories the list has at most', parseCount, 20)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline status', does: 'All stories:' },
        { command: 'shotline status story.yaml', does: 'One story:' },
      ]),
    )
    .action((story: string | undefined, options: StatusOptions) =>
      runCommand(cli, options, () => (story === undefined ? list(cli, options) : show(cli, story, options))),
    );
}

function list(cli: Cli, options: StatusOptions): Promise<Outcome> {
  return withBackend<Outcome>(cli, 'find', async ({ client }) => {
    const { listStories } = await import('../../client/story-list.ts');
    const { storyColumns, storyRow } = await import('../story/story-rows.ts');
    const stories = await listStories(client, options.limit);
    if (options.json === true) cli.terminal.out(JSON.stringify({ stories }));
    else if (stories.length === 0) cli.terminal.note('no stories; `shotline render <story>` makes one');
    else for (const line of textTable(storyColumns, stories.map(storyRow))) cli.terminal.out(line);
    return 'ok';
  });
}

async function show(cli: Cli, argument: string, options: StatusOptions): Promise<Outcome> {
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const { fetchSnapshot } = await import('../../client/progress-source.ts');
    const story = backend.story(id);
    const { startTime, closeTime } = await story.describe();
    const snapshot = await fetchSnapshot(backend.client, story);
    if (options.json === true) {
      cli.terminal.out(JSON.stringify({ ...snapshot.status, activities: Object.fromEntries(snapshot.activities) }));
      return 'ok';
    }
    const elapsedMs = (closeTime?.getTime() ?? Date.now()) - startTime.getTime();
    const space = { columns: cli.terminal.columns(), rows: Number.MAX_SAFE_INTEGER, colour: cli.terminal.colour };
    const lines = renderBoard(boardState(snapshot, { elapsedMs, remainingMs: null }), space);
    const film = snapshot.status.state === 'done' ? await story.film() : null;
    const links = film === null ? [] : filmLinks(film, id);
    for (const line of [...lines, ...links, ...afterwords(backend, id, snapshot.status.failure)])
      cli.terminal.out(line);
    return 'ok';
  });
}

/** Where the film of a finished story is; its address works for a while. */
function filmLinks({ filmUrl, urlsExpireMs }: StoryResult, id: string): string[] {
  return [urlsExpireMs > Date.now() ? `film  ${filmUrl}` : `film  \`shotline url ${id}\` prints a fresh address`];
}

function afterwords({ temporal }: Backend, id: string, failure: string | null): string[] {
  const page = workflowPage(temporal, id);
  return [...(failure === null ? [] : [`failed: ${failure}`]), ...(page === null ? [] : [page])];
}
