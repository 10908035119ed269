import type { StoryScript } from '../../story/script/script.ts';
import type { ChangeReceipt } from '../../workflows/contracts.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { prepareScript } from './prepare-story.ts';
import { followToEnd, renderStory } from './render-story.ts';
import type { FollowOptions } from './render-story.ts';
import { checkSave } from './saved-file.ts';
import { storyIdFrom } from './story-argument.ts';
import type { StoryHandle } from '../stack/story-client.ts';
import { withBackend } from '../stack/backend.ts';

/** A change of one shot, in its two forms: told to a running story, or made in the script of one that is over. */
export interface StoryChange {
  tell(story: StoryHandle): Promise<ChangeReceipt>;
  apply(script: StoryScript): StoryScript;
}

/**
 * Changes a story. A running one is told, and makes only what the change touches. One that is over is submitted again
 * with the changed script, and finds all that the change does not touch in the storage.
 */
export async function changeStory(
  cli: Cli,
  argument: string,
  change: StoryChange,
  options: FollowOptions,
): Promise<Outcome> {
  await checkSave(options);
  const config = cli.config();
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'start', async (backend) => {
    const story = backend.story(id);
    const { status } = await story.describe();
    if (status.name !== 'RUNNING') {
      const changed = await prepareScript(config, change.apply(await story.script()));
      return renderStory(cli, backend, changed, options);
    }
    const startedMs = Date.now();
    const receipt = await change.tell(story);
    if (options.quiet !== true) cli.terminal.note(changeLine(receipt));
    if (options.detach !== true) return followToEnd(cli, backend, story, options, startedMs);
    cli.terminal.out(options.json === true ? JSON.stringify({ workflowId: id, detached: true, ...receipt }) : id);
    return 'ok';
  });
}

/** What a running story makes of a change. */
export function changeLine({ shot, seed, prompt, remade }: ChangeReceipt): string {
  return `shot ${shot}: seed ${String(seed)}, "${prompt}"; made again: ${remade.join(', ')}`;
}
