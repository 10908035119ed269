import { AbsentError } from '../../client/absent-error.ts';
import { saveEdit } from './saved-edit.ts';
import type { EditKind } from './saved-edit.ts';
import { pathFor } from './saved-file.ts';
import { saveItems, saveSoundOf } from './saved-shots.ts';
import type { SavedItems } from './saved-shots.ts';
import type { SavedFile, Saving } from './saving.ts';

/** Saves the sound of a story alone. @throws AbsentError when it has none, or none yet; PipelineError `STORAGE_*`. */
export async function saveSound({ backend: { story, env }, id, save }: Saving): Promise<SavedFile> {
  const plan = await story(id).plan();
  if (plan.sound === undefined) {
    throw new AbsentError(
      `the film of ${id} has no sound; give it a soundtrack, or its shots a sound, narration or say`,
    );
  }
  const saved = await saveSoundOf(env, plan, await pathFor(save, `${plan.slug}.m4a`, id));
  if (saved === null)
    throw new AbsentError(`the sound of ${id} is not made yet; \`shotline watch ${id}\` shows how far it is`);
  return saved;
}

/**
 * Saves a story as an editor reads it, with its media in a folder beside the list.
 * @throws AbsentError when no shot is done; PipelineError `STORAGE_*`, `MEDIA_FAILED`.
 */
export async function saveEditList(saving: Saving, kind: EditKind): Promise<SavedFile[]> {
  const { backend, id, save } = saving;
  const plan = await backend.story(id).plan();
  const file = await pathFor(save, `${plan.slug}.${kind}`, id);
  return someSaved(saving, await saveEdit(backend.env, plan, file, kind));
}

/** Saves each shot, join and card of a story that is done. @throws as {@link saveEditList}. */
export async function saveShots(saving: Saving): Promise<SavedFile[]> {
  const { backend, id, save } = saving;
  const plan = await backend.story(id).plan();
  return someSaved(saving, await saveItems(backend.env, plan, save ?? `${plan.slug}-shots`));
}

function someSaved({ cli, id }: Saving, { saved, missing }: SavedItems): SavedFile[] {
  if (saved.length === 0)
    throw new AbsentError(`no shot of ${id} is done yet; \`shotline watch ${id}\` shows how far it is`);
  if (missing.length > 0) cli.terminal.note(`not made yet: ${missing.join(', ')}`);
  return saved.map(({ file, bytes }) => ({ file, bytes }));
}
