/** A command line that works, and what it does. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** The examples at the end of a command's help. */
export function examplesText(examples: readonly Example[]): string {
  return ['', 'Examples:', ...examples.flatMap(({ command, does }) => [`  ${does}`, `    $ ${command}`])].join('\n');
}

/** The option of every command that reads a story file. */
export const outsideOption = [
  '--allow-outside',
  'pictures and sounds of the story file may lie outside its folder',
] as const;

/** The option of commands that check a story file. */
export const strictOption = ['--strict', 'warnings are errors'] as const;

/** The option of commands that may change a story file before they take it. */
export const rewriteOption = [
  '--rewrite',
  'put prompts that the models will hardly follow in the nearest sentence that they learned, in the story file',
] as const;

/** What `<story>` may be, said once for all commands. */
export const storyArgument = 'a story file (YAML or JSON, - for stdin) or the workflow id of a story';

/** The option of every command that ends with a film. */
export const saveOption = ['-o, --save <file>', 'save the film as a file, or in a folder, when it is done'] as const;
