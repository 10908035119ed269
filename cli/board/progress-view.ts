import { harmlessLine } from '../../errors/harmless-text.ts';
import { boardState } from '../../client/board-state.ts';
import { renderBoard } from './board.ts';
import type { StoryObserver } from './story-observer.ts';
import { openLiveBoard } from './live-board.ts';
import { noPace, observePace, remainingMs } from '../../client/pace.ts';
import type { ExpectedMs, Pace } from '../../client/pace.ts';
import { progressLines } from './plain-progress.ts';
import type { StorySnapshot } from '../../client/story-snapshot.ts';
import type { Terminal } from '../shell/terminal.ts';
import { clip } from '../shell/text-table.ts';

/** Shows a story while it is followed. */
export interface ProgressView extends StoryObserver {
  /** Ends the showing; what was drawn last stays. */
  close(): void;
}

/** The view that suits the terminal: a live board, plain lines on change, or nothing when `quiet`. */
export function openProgressView(
  terminal: Terminal,
  options: { readonly quiet: boolean; readonly startedMs: number; readonly expected: ExpectedMs },
): ProgressView {
  if (options.quiet) return { snapshot: () => undefined, trouble: () => undefined, close: () => undefined };
  return terminal.interactive ? openBoardView(terminal, options) : openLineView(terminal, options.startedMs);
}

/** The clock of the board goes on between two answers; snapshots come twice a second at most, so this is under 4 per second. */
const redrawMs = 500;

function openBoardView(
  terminal: Terminal,
  { startedMs, expected }: { readonly startedMs: number; readonly expected: ExpectedMs },
): ProgressView {
  const board = openLiveBoard(terminal);
  let pace: Pace = noPace;
  let snapshot: StorySnapshot | null = null;
  let trouble: string | null = null;
  const draw = () => {
    const columns = terminal.columns();
    // One line less than there is, for trouble.
    const space = { columns, rows: terminal.rows() - 1, colour: terminal.colour };
    const time = { elapsedMs: Date.now() - startedMs, remainingMs: remainingMs(pace, expected) };
    const lines = snapshot === null ? [] : renderBoard(boardState(snapshot, time), space);
    board.draw(trouble === null ? lines : [...lines, clip(`! ${harmlessLine(trouble)}`, columns - 1)]);
  };
  const timer = setInterval(draw, redrawMs);
  return {
    snapshot(next) {
      pace = observePace(pace, next, Date.now());
      snapshot = next;
    },
    trouble(message) {
      trouble = message;
    },
    close() {
      clearInterval(timer);
      trouble = null;
      draw();
      board.close();
    },
  };
}

function openLineView(terminal: Terminal, startedMs: number): ProgressView {
  let before: StorySnapshot | null = null;
  let trouble: string | null = null;
  return {
    snapshot(next) {
      for (const line of progressLines(before, next, Date.now() - startedMs)) terminal.note(line);
      before = next;
    },
    trouble(message) {
      if (message !== null && message !== trouble) terminal.note(message);
      trouble = message;
    },
    close: () => undefined,
  };
}
