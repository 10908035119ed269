import { stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import type { Environment } from '../../storage/config.ts';
import { cmxEditList, otioTimeline } from '../../story/film/edit-list.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import { prepareFolder } from './saved-file.ts';
import { saveItems, saveSoundOf, type SavedItems } from './saved-shots.ts';

/** Kinds of edit lists, by ending. */
export type EditKind = 'otio' | 'edl';

/**
 * Saves a story as editors read it: the list, and beside it a folder `<name>-media` with its shots, joins, cards and sound.
 *
 * @returns the list first, then its media; what is not made is missing from both.
 * @throws PipelineError `STORAGE_*`, `MEDIA_FAILED`; UsageError when the place cannot be written.
 */
export async function saveEdit(env: Environment, plan: StoryPlan, file: string, kind: EditKind): Promise<SavedItems> {
  const folder = join(dirname(file), `${parse(file).name}-media`);
  const name = (path: string): string => `${basename(folder)}/${basename(path)}`;
  await prepareFolder(dirname(file));
  const { saved, missing } = await saveItems(env, plan, folder);
  if (saved.length === 0) return { saved, missing };
  const sound = await saveSoundOf(env, plan, join(folder, 'sound.m4a'));
  const media = {
    files: new Map(saved.map(({ item, file: path }) => [item, name(path)])),
    ...(sound === null ? {} : { sound: name(sound.file) }),
  };
  await writeFile(file, kind === 'otio' ? otioTimeline(plan, media) : cmxEditList(plan, media));
  const list = { item: 'film', file, bytes: (await stat(file)).size };
  return { saved: [list, ...saved, ...(sound === null ? [] : [sound])], missing };
}
