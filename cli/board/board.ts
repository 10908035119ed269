import stringWidth from 'string-width';
import { harmlessLine } from '../../errors/harmless-text.ts';
import { columns } from '../../story/plan/stages.ts';
import type { BoardCell, BoardRow, BoardState } from '../../client/board-state.ts';
import { painter } from '../shell/paint.ts';
import type { Paint, Tone } from '../shell/paint.ts';
import { clip, pad } from '../shell/text-table.ts';
import { clock, roughly } from '../shell/time-format.ts';

/** The space that the board may use: terminal cells and lines. */
export interface BoardSpace {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

const noteWidth = 7;
const maxBarWidth = 20;
/** Below this a bar says nothing beside its note: the notes go, the bars stay. */
const minBarWidth = 4;
/** Title, column heads, film, footer and the empty lines between. */
const fixedLines = 6;

interface Layout {
  readonly width: number;
  readonly label: number;
  readonly bar: number;
  readonly notes: boolean;
}

/** What others wrote is made harmless before it is measured, cut and coloured. */
function harmless(state: BoardState): BoardState {
  return {
    ...state,
    title: harmlessLine(state.title),
    storyId: harmlessLine(state.storyId),
    rows: state.rows.map((row) => ({ ...row, item: harmlessLine(row.item) })),
    notices: state.notices.map(harmlessLine),
  };
}

/** Draws the board. No line is wider than the space, and there are never more lines than it has. */
export function renderBoard(given: BoardState, space: BoardSpace): string[] {
  const state = harmless(given);
  const paint = painter(space.colour);
  const layout = layoutOf(state, space);
  const notices = state.notices.slice(0, 3).map((notice) => paint('warn', clip(`! ${notice}`, layout.width)));
  const room = Math.max(1, space.rows - 1 - fixedLines - notices.length);
  const shown = visibleRows(state.rows, room);
  const hidden = state.rows.length - shown.length;
  const lines = [
    paint('title', clip(`${state.title}  ${state.storyId}`, layout.width)),
    paint('quiet', clip(headLine(layout), layout.width)),
    ...shown.map((row) => rowLine(row, layout, paint)),
    ...(hidden > 0 ? [paint('quiet', clip(hiddenLine(state.rows, shown), layout.width))] : []),
    filmLine(state.film, layout, paint),
    ...notices,
    clip(footer(state), layout.width),
  ];
  return lines.slice(0, Math.max(1, space.rows - 1));
}

function layoutOf(state: BoardState, space: BoardSpace): Layout {
  // The last cell stays free: some terminals wrap when it is written.
  const width = Math.max(10, space.columns - 1);
  const longest = Math.max(...['film', ...state.rows.map(({ item }) => item)].map((item) => stringWidth(item)));
  const label = Math.min(longest, Math.max(8, Math.floor(width * 0.35)));
  const perColumn = Math.floor((width - label) / columns.length);
  const withNotes = perColumn - (2 + 1 + noteWidth);
  const notes = withNotes >= minBarWidth;
  return { width, label, notes, bar: Math.max(1, Math.min(maxBarWidth, notes ? withNotes : perColumn - 2)) };
}

function headLine(layout: Layout): string {
  const cellWidth = layout.bar + (layout.notes ? 1 + noteWidth : 0);
  return [pad('', layout.label), ...columns.map((column) => pad(clip(column, cellWidth), cellWidth))]
    .join('  ')
    .trimEnd();
}

function rowLine(row: BoardRow, layout: Layout, paint: Paint): string {
  const cells = columns.map((column) => cellText(row.cells[column], layout, paint));
  return [pad(clip(row.item, layout.label), layout.label), ...cells].join('  ').trimEnd();
}

function filmLine(film: BoardCell, layout: Layout, paint: Paint): string {
  return `${pad('film', layout.label)}  ${cellText(film, layout, paint)}`.trimEnd();
}

const toneOfState = {
  waiting: 'quiet',
  queued: 'quiet',
  running: 'active',
  done: 'good',
  cached: 'good',
  failed: 'bad',
} as const satisfies Record<BoardCell['state'], Tone>;

function cellText(cell: BoardCell | null, layout: Layout, paint: Paint): string {
  const noteCells = layout.notes ? 1 + noteWidth : 0;
  if (cell === null) return ' '.repeat(layout.bar + noteCells);
  const full = Math.floor(cell.fraction * layout.bar);
  const bar = paint(toneOfState[cell.state], '█'.repeat(full)) + paint('quiet', '░'.repeat(layout.bar - full));
  if (!layout.notes) return bar;
  const note = pad(clip(cell.note, noteWidth), noteWidth);
  return `${bar} ${cell.state === 'failed' ? paint('bad', note) : note}`;
}

function isFinished(row: BoardRow): boolean {
  return columns.every((column) => {
    const state = row.cells[column]?.state;
    return state === undefined || state === 'done' || state === 'cached';
  });
}

function isIdle(row: BoardRow): boolean {
  return columns.every((column) => (row.cells[column]?.state ?? 'waiting') === 'waiting');
}

/** The rows that fit, in story order: what runs goes first, then what waits, then what is finished. */
function visibleRows(rows: readonly BoardRow[], room: number): readonly BoardRow[] {
  if (rows.length <= room) return rows;
  const rank = (row: BoardRow) => (isFinished(row) ? 2 : isIdle(row) ? 1 : 0);
  const chosen = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(0, room - 1)));
  return rows.filter((row) => chosen.has(row));
}

function hiddenLine(rows: readonly BoardRow[], shown: readonly BoardRow[]): string {
  const hidden = rows.filter((row) => !shown.includes(row));
  const finished = hidden.filter(isFinished).length;
  const waiting = hidden.filter(isIdle).length;
  const parts = [
    finished > 0 ? `${String(finished)} finished` : '',
    waiting > 0 ? `${String(waiting)} waiting` : '',
    hidden.length - finished - waiting > 0 ? `${String(hidden.length - finished - waiting)} running` : '',
  ];
  return `… and ${parts.filter((part) => part !== '').join(', ')}`;
}

function footer(state: BoardState): string {
  const cached = state.cacheHits > 0 ? ` (${String(state.cacheHits)} cached)` : '';
  const tasks = `${String(state.tasksDone)}/${String(state.tasksOf)} tasks${cached}`;
  return [tasks, `${clock(state.elapsedMs)} elapsed`, outlook(state)].filter((part) => part !== '').join(' · ');
}

function outlook(state: BoardState): string {
  if (state.state !== 'running') return state.state;
  return state.remainingMs === null ? '' : `${roughly(state.remainingMs)} left`;
}
