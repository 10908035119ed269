import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { remuxSegments } from '../../media/stitch.ts';
import { createArtifactStore } from '../../storage/artifact-store.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { Environment } from '../../storage/config.ts';
import { soundItem } from '../../story/plan/plan-sound.ts';
import { itemName } from '../../story/plan/item-words.ts';
import { withBucket } from '../../client/bucket.ts';
import { prepareFolder } from './saved-file.ts';
import type { CardPlan, JoinPlan, ShotPlan, StoryPlan } from '../../story/plan/plan.ts';

/** Films of shots, joins and cards that were saved. */
export interface SavedItems {
  readonly saved: { readonly item: string; readonly file: string; readonly bytes: number }[];
  /** Names of those whose segments are not all made. */
  readonly missing: readonly string[];
}

/**
 * Saves each shot, join and card of a story as a film of its own: `01-dawn.mp4`, `02-dawn+storm.mp4`, … The pictures are those of the film,
 * not encoded again.
 *
 * @throws PipelineError `STORAGE_*`, `MEDIA_FAILED`.
 */
export async function saveItems(env: Environment, plan: StoryPlan, folder: string): Promise<SavedItems> {
  const items = new Map([...plan.shots, ...plan.joins, ...(plan.cards ?? [])].map((item) => [itemName(item), item]));
  const inOrder = plan.timeline.flatMap(({ item }) => items.get(item) ?? []);
  return withBucket(env, async (objects) => {
    let scratch: string | null = null;
    try {
      const artifacts = createArtifactStore(objects);
      const saved: SavedItems['saved'] = [];
      const missing: string[] = [];
      for (const [index, item] of inOrder.entries()) {
        if (!(await isMade(artifacts, item))) {
          missing.push(itemName(item));
          continue;
        }
        if (scratch === null) {
          await prepareFolder(folder);
          scratch = await mkdtemp(join(folder, '.parts-'));
        }
        const file = join(folder, `${String(index + 1).padStart(2, '0')}-${item.id}.mp4`);
        await saveItem(artifacts, item, { scratch, file });
        saved.push({ item: itemName(item), file, bytes: (await stat(file)).size });
      }
      return { saved, missing };
    } finally {
      if (scratch !== null) await rm(scratch, { recursive: true, force: true });
    }
  });
}

/**
 * Saves the sound of a film as a file; `null` when it is not made.
 *
 * @throws PipelineError `STORAGE_*`; UsageError when the file cannot be written.
 */
export async function saveSoundOf(
  env: Environment,
  { sound }: StoryPlan,
  file: string,
): Promise<SavedItems['saved'][number] | null> {
  if (sound === undefined) return null;
  return withBucket(env, async (objects) => {
    const artifacts = createArtifactStore(objects);
    if ((await artifacts.find(sound.mix)) === null) return null;
    await prepareFolder(dirname(file));
    const scratch = await mkdtemp(join(dirname(file), '.parts-'));
    try {
      const whole = join(scratch, 'sound.m4a');
      await artifacts.fetch(sound.mix, whole);
      // What lies in a cache is its owner's alone; this is a file that a person asked for.
      await chmod(whole, 0o644);
      await rename(whole, file);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return { item: soundItem, file, bytes: (await stat(file)).size };
  });
}

/** What has segments. */
type SavedItem = ShotPlan | JoinPlan | CardPlan;

async function isMade(artifacts: ArtifactStore, { segments }: SavedItem): Promise<boolean> {
  for (const segment of segments) if ((await artifacts.find(segment)) === null) return false;
  return true;
}

async function saveItem(
  artifacts: ArtifactStore,
  { segments }: SavedItem,
  { scratch, file }: { readonly scratch: string; readonly file: string },
): Promise<void> {
  const parts = segments.map((_, index) => join(scratch, `${String(index)}.mp4`));
  for (const [index, segment] of segments.entries()) await artifacts.fetch(segment, parts[index] ?? '');
  const whole = join(scratch, 'whole.mp4');
  const expectedFrames = segments.reduce((sum, { params }) => sum + params.count, 0);
  await remuxSegments({ segments: parts, output: whole, expectedFrames });
  await rename(whole, file);
}
