import type { StoryScript } from '../../story/script/script.ts';
import type { ChangeReceipt } from '../../workflows/contracts.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { prepareNormalForm } from '../../client/prepare-story.ts';
import { followToEnd, renderStory } from './render-story.ts';
import type { FollowOptions } from './render-story.ts';
import { checkSave } from './saved-file.ts';
import { storyIdFrom } from './story-argument.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import { withBackend } from '../stack/backend.ts';
import { checkWriteBack, writeBack } from './write-back.ts';

/** A change of one shot, in its two forms: told to a running story, or made in the script of one that is over. */
export interface StoryChange {
  readonly shot: string;
  /** What of the shot is changed. */
  readonly key: 'prompt' | 'seed';
  /** What it shall be; a seed that nobody names is any. */
  readonly value: string | number;
  tell(story: StoryHandle): Promise<ChangeReceipt>;
  apply(script: StoryScript): StoryScript;
}

/** How a change is followed. */
export interface ChangeOptions extends FollowOptions {
  /** Whether the change is also written into the story file. */
  readonly write?: boolean;
}

/**
 * Changes a story. A running one is told, and makes only what the change touches. One that is over is submitted again
 * with the changed script, and finds all that the change does not touch in the storage.
 */
export async function changeStory(
  cli: Cli,
  argument: string,
  change: StoryChange,
  options: ChangeOptions,
): Promise<Outcome> {
  await checkSave(options);
  if (options.write === true)
    await checkWriteBack(argument, { shot: change.shot, key: change.key, value: change.value });
  /** Writes what the change came to into the story file. */
  const write = async (value: string | number): Promise<void> => {
    if (options.write !== true) return;
    await writeBack(argument, { shot: change.shot, key: change.key, value });
    if (options.quiet !== true)
      cli.terminal.note(`written to ${argument}: ${change.key} of ${change.shot} is ${JSON.stringify(value)}`);
  };
  const { modelsDir } = cli.config();
  const id = await storyIdFrom(cli, argument, options);
  return withBackend<Outcome>(cli, 'start', async (backend) => {
    const story = backend.story(id);
    const { status } = await story.describe();
    if (status.name !== 'RUNNING') {
      const changed = await prepareNormalForm(modelsDir, change.apply(await story.script()));
      const shot = changed.script.shots.find(({ id: each }) => each === change.shot);
      if (shot !== undefined) await write(change.key === 'seed' ? shot.sampling.seed : shot.prompt);
      return renderStory(cli, backend, changed, options);
    }
    const startedMs = Date.now();
    const receipt = await change.tell(story);
    if (options.quiet !== true) cli.terminal.note(changeLine(receipt));
    await write(receipt[change.key]);
    if (options.detach !== true) return followToEnd(cli, backend, story, options, startedMs);
    cli.terminal.out(options.json === true ? JSON.stringify({ workflowId: id, detached: true, ...receipt }) : id);
    return 'ok';
  });
}

/** What a running story makes of a change. */
export function changeLine({ shot, seed, prompt, remade }: ChangeReceipt): string {
  return `shot ${shot}: seed ${String(seed)}, "${prompt}"; made again: ${remade.join(', ')}`;
}
