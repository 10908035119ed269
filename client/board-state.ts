import { type Column, stages } from '../story/plan/stages.ts';
import type { StageState, StoryStatus } from '../workflows/contracts.ts';
import { activitiesOf, unitsDone } from './story-snapshot.ts';
import type { ItemStage, LiveActivity, StorySnapshot } from './story-snapshot.ts';

/** One bar. */
export interface BoardCell {
  readonly state: StageState | 'queued';
  /** 0…1. */
  readonly fraction: number;
  /** At most seven characters. */
  readonly note: string;
}

/** One shot or join. */
export interface BoardRow {
  readonly item: string;
  /** `null` where the item has no such stage. */
  readonly cells: Readonly<Record<Column, BoardCell | null>>;
}

/** Everything that the board shows. */
export interface BoardState {
  readonly title: string;
  readonly storyId: string;
  readonly state: StoryStatus['state'];
  readonly rows: readonly BoardRow[];
  readonly film: BoardCell;
  readonly tasksDone: number;
  readonly tasksOf: number;
  readonly cacheHits: number;
  readonly elapsedMs: number;
  /** `null` while unknown. */
  readonly remainingMs: number | null;
  /** What an operator should know: attempts after the first, with the reason. */
  readonly notices: readonly string[];
}

/** The board of a snapshot. */
export function boardState(
  snapshot: StorySnapshot,
  time: { readonly elapsedMs: number; readonly remainingMs: number | null },
): BoardState {
  const { status } = snapshot;
  const film = status.items.find(({ kind }) => kind === 'film');
  const filmStage = film?.stages.find(({ stage }) => stage === 'film');
  return {
    title: status.title,
    storyId: status.storyId,
    state: status.state,
    rows: status.items.filter(({ kind }) => kind !== 'film').map(({ item }) => boardRow(snapshot, item)),
    film:
      film === undefined || filmStage === undefined
        ? { state: 'waiting', fraction: 0, note: '' }
        : boardCell(filmStage, activitiesOf(snapshot, film.item, 'film')),
    tasksDone: status.tasksDone,
    tasksOf: status.tasksOf,
    cacheHits: status.cacheHits,
    ...time,
    notices: notices(snapshot),
  };
}

/** What went wrong and is tried again, one line per activity. */
export function notices(snapshot: StorySnapshot): string[] {
  return [...snapshot.activities].flatMap(([item, activities]) =>
    activities
      .filter(({ attempt, lastFailure }) => attempt > 1 || lastFailure !== null)
      .map(({ work, attempt, lastFailure }) => {
        const reason = lastFailure === null ? '' : `: ${lastFailure.split('\n')[0] ?? ''}`;
        return `${item}, ${work}: attempt ${String(attempt)}${reason}`;
      }),
  );
}

function boardRow(snapshot: StorySnapshot, item: string): BoardRow {
  const cells: Record<Column, BoardCell | null> = { clip: null, interp: null, segments: null };
  for (const stage of snapshot.status.items.find((candidate) => candidate.item === item)?.stages ?? []) {
    const { column } = stages[stage.stage];
    // Enhancement and segments share a column; who waits leaves it to the one at work.
    const isFree = column !== null && (cells[column] === null || stage.state !== 'waiting');
    if (isFree) cells[column] = boardCell(stage, activitiesOf(snapshot, item, stage.stage));
  }
  return { item, cells };
}

function boardCell(stage: ItemStage, activities: readonly LiveActivity[]): BoardCell {
  const fraction = stage.of === 0 ? 0 : unitsDone(stage, activities) / stage.of;
  // To the workflow an activity runs from the moment it is scheduled; a worker may be busy with another shot.
  const queued = stage.state === 'running' && activities.length > 0 && !activities.some(({ started }) => started);
  const state = queued ? 'queued' : stage.state;
  return { state, fraction, note: note(state, stage, fraction, activities) };
}

function note(
  state: BoardCell['state'],
  stage: ItemStage,
  fraction: number,
  activities: readonly LiveActivity[],
): string {
  if (state === 'waiting') return '';
  if (state !== 'running') return state;
  const progress = activities.find(({ started }) => started)?.progress ?? null;
  if (stage.of === 1 && progress !== null) return `${String(progress.done)}/${String(progress.of)}`;
  return `${String(Math.floor(fraction * 100))}%`;
}
