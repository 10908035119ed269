import { resolve } from 'node:path';
import type { Cli } from '../../cli/shell/cli.ts';
import { cliConfigFromEnv } from '../../cli/shell/config.ts';

/** A command line that nobody watches: it keeps what commands say, and the code that they would end with. */
export interface RecordingCli {
  readonly cli: Cli;
  /** What went to stdout, and what was told beside it. */
  readonly out: string[];
  readonly notes: string[];
  code: number;
}

/** A command line of this checkout without settings, 80 columns wide, in no terminal. */
export function recordingCli(): RecordingCli {
  const root = resolve(import.meta.dirname, '../..');
  const kept: RecordingCli = {
    out: [],
    notes: [],
    code: 0,
    cli: {
      terminal: {
        out: (text) => void kept.out.push(text),
        note: (text) => void kept.notes.push(text),
        draw: () => undefined,
        interactive: false,
        colour: false,
        columns: () => 80,
        rows: () => 24,
      },
      env: {},
      root,
      config: () => cliConfigFromEnv({}, root),
      interruption: () => new AbortController().signal,
      exit: (code) => void (kept.code = code),
    },
  };
  return kept;
}
