import { expect, test } from '@jest/globals';
import { openLiveBoard } from './live-board.ts';
import type { Terminal } from '../shell/terminal.ts';

function recorder(): { terminal: Terminal; writes: string[] } {
  const writes: string[] = [];
  const terminal: Terminal = {
    out: () => undefined,
    note: () => undefined,
    draw: (text) => void writes.push(text),
    interactive: true,
    colour: false,
    columns: () => 80,
    rows: () => 24,
  };
  return { terminal, writes };
}

test('draws over itself, in one write per drawing', () => {
  const { terminal, writes } = recorder();
  const board = openLiveBoard(terminal);
  board.draw(['one', 'two']);
  board.draw(['three']);
  board.draw(['three']);
  board.close();
  expect(writes).toEqual(['\u001B[?25l', '\r\u001B[Jone\ntwo\n', '\u001B[2A\r\u001B[Jthree\n', '\u001B[?25h']);
});
