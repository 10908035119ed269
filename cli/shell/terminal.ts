import type { OutputStream } from './output-stream.ts';

/**
 * The two streams of the command and what they can show. Results go to `out` (stdout), so that
 * `url=$(shotline url story.yaml)` works; progress, warnings and errors go to `note` (stderr).
 */
export interface Terminal {
  /** Writes one line to stdout. */
  out(line: string): void;
  /** Writes one line to stderr. */
  note(line: string): void;
  /** Writes to stderr as it is, control sequences included. */
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
      stdout.write(`${line}\n`);
    },
    note: (line) => {
      stderr.write(`${line}\n`);
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
