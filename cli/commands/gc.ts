import type { Command } from 'commander';
import type { ObjectStore } from '../../storage/object-store.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { parseSpan } from '../shell/option-parsers.ts';
import { withBackend } from '../stack/backend.ts';
import type { Backend } from '../stack/backend.ts';

interface GcOptions {
  readonly delete?: boolean;
  readonly json?: boolean;
  readonly olderThan?: number;
  readonly framesAfter?: number;
  readonly story?: string;
}

/** `shotline gc`, and its pins. */
export function addGcCommand(program: Command, cli: Cli): void {
  const gc = program
    .command('gc')
    .summary('find and delete what no film needs')
    .description(
      'Finds artifacts, uploads and half-made work in the bucket that no published film, running story, pin or campaign names. ' +
        'Without --delete nothing is deleted. By default it goes after a day what is made again in seconds, after a week what a GPU made, ' +
        'after 30 days what people uploaded. docs/production.md says what is safe and why.',
    )
    .option('--delete', 'delete what is found; without it only the table is printed')
    .option('--older-than <time>', 'all of it after this time: 36h, 7d', parseSpan)
    .option(
      '--frames-after <time>',
      'also raw frames that only published films name, after this time; films and their clips stay',
      parseSpan,
    )
    .option('--story <id>', 'erase one story for good instead: films, what only it names, and its histories')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline gc', does: 'What could go, by stage, and how much stays:' },
        {
          command: 'shotline gc --frames-after 30d --delete',
          does: 'Delete it, and raw frames of films that are a month old:',
        },
        {
          command: 'shotline gc --story story-the-lighthouse-0b1c2d3e4f5a --delete',
          does: 'Erase a story and prove it:',
        },
      ]),
    )
    .action((options: GcOptions) =>
      runCommand(cli, options, () =>
        options.story === undefined ? collect(cli, options) : erase(cli, options.story, options),
      ),
    );
  gc.command('pin')
    .description('Keeps all that a story names, raw frames too, until it is unpinned.')
    .argument('<story>', 'its id')
    .action((id: string) =>
      runCommand(cli, {}, () =>
        withStore(cli, async ({ client }, objects) => {
          const { pinStory } = await import('../gc/pins.ts');
          cli.terminal.out(`pinned ${id}: ${String(await pinStory(client, objects, id))} keys are kept`);
          return 'ok';
        }),
      ),
    );
  gc.command('unpin')
    .description('Lets go of a pinned story: it counts as others do.')
    .argument('<story>', 'its id')
    .action((id: string) =>
      runCommand(cli, {}, () =>
        withStore(cli, async (_, objects) => {
          const { unpinStory } = await import('../gc/pins.ts');
          await unpinStory(objects, id);
          cli.terminal.out(`unpinned ${id}`);
          return 'ok';
        }),
      ),
    );
  gc.command('pins')
    .description('Lists the pinned stories.')
    .action(() =>
      runCommand(cli, {}, () =>
        withStore(cli, async (_, objects) => {
          const { namingDocuments } = await import('../gc/naming-documents.ts');
          const { pinPrefix } = await import('../../storage/garbage/pin-object.ts');
          const pins = await namingDocuments(objects, pinPrefix);
          for (const { storyId, keys } of pins) cli.terminal.out(`${storyId ?? '?'}  ${String(keys.size)} keys`);
          if (pins.length === 0) cli.terminal.note('no story is pinned');
          return 'ok';
        }),
      ),
    );
}

function withStore(cli: Cli, work: (backend: Backend, objects: ObjectStore) => Promise<Outcome>): Promise<Outcome> {
  return withBackend<Outcome>(cli, 'find', async (backend) => {
    const { withBucket } = await import('../../client/bucket.ts');
    return withBucket(backend.env, (objects) => work(backend, objects));
  });
}

function collect(cli: Cli, options: GcOptions): Promise<Outcome> {
  return withStore(cli, async ({ client }, objects) => {
    const [{ survey, sweep }, { surveyLines }, { byteSize }, { sweepRows, usualPolicy }] = await Promise.all([
      import('../gc/sweep.ts'),
      import('../gc/gc-report.ts'),
      import('../shell/time-format.ts'),
      import('../../storage/garbage/sweep-plan.ts'),
    ]);
    const { olderThan, framesAfter } = options;
    const policy = {
      ...usualPolicy,
      ...(olderThan === undefined
        ? {}
        : { unnamedMs: { cheap: olderThan, dear: olderThan, irreplaceable: olderThan } }),
      framesMs: framesAfter ?? null,
    };
    const found = await survey(client, objects, policy);
    const rows = sweepRows(found.things);
    if (options.delete !== true) {
      if (options.json === true) cli.terminal.out(JSON.stringify({ deleted: false, kinds: rows }));
      else for (const line of [...surveyLines(found), 'nothing was deleted; --delete does it']) cli.terminal.out(line);
      return 'ok';
    }
    if (options.json !== true) for (const line of surveyLines(found)) cli.terminal.out(line);
    const { deleted, spared } = await sweep(client, objects, found, (done, of) => {
      if (done < of) cli.terminal.note(`deleted ${String(done)} of ${String(of)}`);
    });
    const bytes = deleted.reduce((total, { object }) => total + object.bytes, 0);
    if (options.json === true)
      cli.terminal.out(
        JSON.stringify({ deleted: true, kinds: rows, objects: deleted.length, bytes, spared: spared.length }),
      );
    else {
      const kept =
        spared.length === 0 ? '' : `; ${String(spared.length)} stay, for a story began to need them meanwhile`;
      cli.terminal.out(`deleted ${String(deleted.length)} objects, ${byteSize(bytes)}${kept}`);
    }
    return 'ok';
  });
}

function erase(cli: Cli, id: string, options: GcOptions): Promise<Outcome> {
  return withStore(cli, async ({ client, temporal }, objects) => {
    const [{ eraseStory, findTraces }, { tracesLines }] = await Promise.all([
      import('../gc/erase-story.ts'),
      import('../gc/gc-report.ts'),
    ]);
    const traces = await findTraces(client, objects, id);
    const told = {
      storyId: id,
      films: traces.folders,
      own: traces.own.map(({ key }) => key),
      shared: traces.shared.map(({ key }) => key),
      histories: traces.runs.length,
    };
    if (options.json !== true) for (const line of tracesLines(traces)) cli.terminal.out(line);
    if (options.delete !== true) {
      if (options.json === true) cli.terminal.out(JSON.stringify({ erased: false, ...told }));
      else cli.terminal.out('nothing was deleted; --delete erases it for good');
      return 'ok';
    }
    const left = await eraseStory(client, objects, temporal.namespace, traces);
    const isGone = left.objects.length === 0 && left.runs.length === 0;
    if (options.json === true) cli.terminal.out(JSON.stringify({ erased: isGone, ...told, left }));
    if (!isGone)
      throw new PipelineError(
        'STORAGE_DENIED',
        `the story '${id}' is not gone: ${String(left.objects.length)} objects (${left.objects.slice(0, 3).join(', ')}) and ${String(left.runs.length)} histories are left; run the command again, with a key that may delete`,
        { details: { ...left } },
      );
    if (options.json !== true)
      cli.terminal.out('erased: looked again, and neither the bucket nor Temporal has anything of its own any more');
    return 'ok';
  });
}
