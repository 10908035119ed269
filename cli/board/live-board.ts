import type { Terminal } from '../shell/terminal.ts';

const cursorUp = (lines: number) => `\u001B[${String(lines)}A`;
const clearBelow = '\r\u001B[J';
const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';

/** A block of lines at the end of the terminal that is drawn over itself. */
export interface LiveBoard {
  /** Shows these lines in place of the ones before. The caller sees to it that none wraps. */
  draw(lines: readonly string[]): void;
  /** Leaves the last drawing where it is and gives the cursor back. */
  close(): void;
}

/** Opens a live board at the cursor of the terminal. */
export function openLiveBoard(terminal: Terminal): LiveBoard {
  let height = 0;
  let shown = '';
  terminal.draw(hideCursor);
  return {
    draw(lines) {
      const block = lines.map((line) => `${line}\n`).join('');
      if (block === shown) return;
      // One write per drawing, or the terminal shows half a board.
      terminal.draw(`${height > 0 ? cursorUp(height) : ''}${clearBelow}${block}`);
      height = lines.length;
      shown = block;
    },
    close() {
      terminal.draw(showCursor);
    },
  };
}
