import { expect, test } from '@jest/globals';
import { processTerminal } from './terminal.ts';

test('neither stdout nor stderr gets anything that steers a terminal', () => {
  const written: string[] = [];
  const stream = { write: (text: string) => void written.push(text), finished: () => Promise.resolve(null) };
  const screen = { isTTY: true, columns: 80, rows: 24 } as unknown as NodeJS.WriteStream;
  const terminal = processTerminal(
    { stdout: stream, stderr: stream },
    { stdout: screen, stderr: screen },
    { noColor: false, dumb: false },
  );
  terminal.out(`story-\u001b[31mEVIL\t\u009b2J`);
  terminal.note('error: \u001b]0;PWNED\u0007\nnext \u202eline');
  terminal.out(JSON.stringify({ id: 'a\u001b[2J\u009b\u2028' }));
  expect(written.slice(0, 2)).toEqual([
    'story-\\u001b[31mEVIL\t\\u009b2J\n',
    'error: \\u001b]0;PWNED\\u0007\nnext \\u202eline\n',
  ]);
  expect(JSON.parse(written[2]!)).toEqual({ id: 'a\u001b[2J\u009b\u2028' });
  expect(written[2]).toMatch(/^[\x20-\x7e]+\n$/);
});
