import { type SweepRow, sweepRows } from '../../storage/garbage/sweep-plan.ts';
import { byteSize } from '../shell/time-format.ts';
import type { Column } from '../shell/text-table.ts';
import { textTable } from '../shell/text-table.ts';
import { counted } from '../../errors/counted.ts';
import type { Traces } from './erase-story.ts';
import type { Survey } from './sweep.ts';

const columns: readonly Column[] = [
  { title: 'KIND' },
  { title: 'OBJECTS', align: 'right' },
  { title: 'BEFORE', align: 'right' },
  { title: 'NEEDED', align: 'right' },
  { title: 'YOUNG', align: 'right' },
  { title: 'GOES', align: 'right' },
  { title: 'AFTER', align: 'right' },
];

const cellsOf = ({
  kind,
  objects,
  bytes,
  needed,
  young,
  going,
}: Omit<SweepRow, 'kind'> & { kind: string }): string[] => [
  kind,
  String(objects),
  ...[bytes, needed, young, going, bytes - going].map(byteSize),
];

/** The survey as a table with what it rests on. */
export function surveyLines({ roots, things, others }: Survey): string[] {
  const rows = sweepRows(things);
  const sum = (of: (row: SweepRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const total = {
    kind: 'all',
    objects: sum((row) => row.objects),
    bytes: sum((row) => row.bytes),
    needed: sum((row) => row.needed),
    young: sum((row) => row.young),
    goingObjects: sum((row) => row.goingObjects),
    going: sum((row) => row.going),
  };
  const kept = [...others].map(([folder, bytes]) => `${folder} ${byteSize(bytes)}`);
  return [
    ...textTable(columns, [...rows, total].map(cellsOf)),
    '',
    `needed by ${counted(roots.films.length, 'film')}, ${counted(roots.pins.length, 'pin')} and ${counted(roots.campaigns.length, 'campaign record')}; stories that run: ${String(roots.running.length)}`,
    ...(kept.length === 0 ? [] : [`left alone: ${kept.join(', ')}`]),
    ...(roots.campaignSinceMs === null
      ? []
      : [`a campaign runs since ${new Date(roots.campaignSinceMs).toISOString()}: nothing that is younger goes`]),
  ];
}

/** What a story left behind, in words. */
export function tracesLines({ storyId, runs, folders, own, shared }: Traces): string[] {
  const bytes = (list: readonly { readonly bytes: number }[]): string =>
    byteSize(list.reduce((total, each) => total + each.bytes, 0));
  return [
    `story   ${storyId}`,
    `films   ${folders.length === 0 ? 'none' : folders.join(', ')}`,
    `its own ${counted(own.length, 'object')}, ${bytes(own)}`,
    `shared  ${counted(shared.length, 'object')}, ${bytes(shared)}, which other films, stories or pins need and which stay`,
    `histories ${String(runs.length)} in Temporal`,
  ];
}
