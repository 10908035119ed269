/** A command line that works, and what it does. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** The examples at the end of a command's help. */
export function examplesText(examples: readonly Example[]): string {
  return ['', 'Examples:', ...examples.flatMap(({ command, does }) => [`  ${does}`, `    $ ${command}`])].join('\n');
}

/** What `<story>` may be, said once for all commands. */
export const storyArgument = 'a story file (YAML or JSON, - for stdin) or the workflow id of a story';
