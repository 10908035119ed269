import type { ScriptProblem } from '../../story/script/read-script.ts';
import type { Cli } from '../shell/cli.ts';

/** Says what is odd in a script, one line each, as a compiler does: `story.yaml:4: warning: …`. */
export function noteWarnings(cli: Cli, fileName: string, warnings: readonly ScriptProblem[]): void {
  for (const { path, line, message } of warnings) {
    const place = line === null ? fileName : `${fileName}:${String(line)}`;
    cli.terminal.note(
      `${place}: warning: ${path === '' || message.startsWith(path) ? message : `${path}: ${message}`}`,
    );
  }
}
