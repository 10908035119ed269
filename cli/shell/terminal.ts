import { harmlessText } from '../../errors/harmless-text.ts';
import type { OutputStream } from './output-stream.ts';

/**
 * The two streams of the command and what they can show. Results go to `out` (stdout), so that
 * `url=$(shotline url story.yaml)` works; progress, warnings and errors go to `note` (stderr).
 * Lines hold what others wrote: ids, titles, answers of servers. So neither of the two lets anything through that steers a terminal.
 */
export interface Terminal {
  /** Writes one line to stdout, made harmless. Line breaks and tabs in it stay. */
  out(line: string): void;
  /** Writes one line to stderr, made harmless. Line breaks and tabs in it stay. */
  note(line: string): void;
  /** Writes to stderr as it is, control sequences included: only for what is harmless already, as the board is. */
  draw(text: string): void;
  /** stderr is a terminal that can be redrawn. */
  readonly interactive: boolean;
  /** stderr and stdout may carry colour. */
  readonly colour: boolean;
  /** Width of the terminal, cells; asked at each drawing, for it changes. Infinite where there is no terminal. */
  columns(): number;
  /** Height of the terminal, lines; asked at each drawing. Infinite where there is no terminal. */
  rows(): number;
}

/** A terminal over the streams of a process. Colour follows NO_COLOR (https://no-color.org) and TERM=dumb. */
export function processTerminal(
  { stdout, stderr }: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  screens: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream },
  env: { readonly noColor: boolean; readonly dumb: boolean },
): Terminal {
  const interactive = screens.stderr.isTTY && !env.dumb;
  return {
    out: (line) => {
      stdout.write(`${harmlessText(line)}\n`);
    },
    note: (line) => {
      stderr.write(`${harmlessText(line)}\n`);
    },
    draw: (text) => {
      stderr.write(text);
    },
    interactive,
    colour: interactive && screens.stdout.isTTY && !env.noColor,
    columns: () => (screens.stderr.isTTY ? screens.stderr.columns : Number.POSITIVE_INFINITY),
    rows: () => (screens.stderr.isTTY ? screens.stderr.rows : Number.POSITIVE_INFINITY),
  };
}
