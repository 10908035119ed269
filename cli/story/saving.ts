import type { Cli } from '../shell/cli.ts';
import type { Backend } from '../stack/backend.ts';

/** A story of which something is saved, and where to. */
export interface Saving {
  readonly cli: Cli;
  readonly backend: Backend;
  /** Of its workflow. */
  readonly id: string;
  /** File or folder that was asked for; absent: its own name in the present folder. */
  readonly save?: string | undefined;
  /** Tells no progress. */
  readonly quiet: boolean;
}

/** A file that was saved. */
export interface SavedFile {
  readonly file: string;
  readonly bytes: number;
}
