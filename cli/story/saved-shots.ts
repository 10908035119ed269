import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { remuxSegments } from '../../media/stitch.ts';
import { createArtifactStore } from '../../storage/artifact-store.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { Environment } from '../../storage/config.ts';
import { itemName } from '../../story/plan/plan-story.ts';
import { withBucket } from '../../client/bucket.ts';
import { prepareFolder } from './saved-file.ts';
import type { JoinPlan, ShotPlan, StoryPlan } from '../../story/plan/plan.ts';

/** Films of shots and joins that were saved. */
export interface SavedItems {
  readonly saved: { readonly file: string; readonly bytes: number }[];
  /** Names of shots and joins whose segments are not all made. */
  readonly missing: readonly string[];
}

/**
 * Saves each shot and join of a story as a film of its own: `01-dawn.mp4`, `02-dawn+storm.mp4`, … The pictures are those of the film,
 * not encoded again.
 *
 * @throws PipelineError `STORAGE_*`, `MEDIA_FAILED`.
 */
export async function saveItems(env: Environment, plan: StoryPlan, folder: string): Promise<SavedItems> {
  const items = new Map([...plan.shots, ...plan.joins].map((item) => [itemName(item), item]));
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
        saved.push({ file, bytes: (await stat(file)).size });
      }
      return { saved, missing };
    } finally {
      if (scratch !== null) await rm(scratch, { recursive: true, force: true });
    }
  });
}

async function isMade(artifacts: ArtifactStore, { segments }: ShotPlan | JoinPlan): Promise<boolean> {
  for (const segment of segments) if ((await artifacts.find(segment)) === null) return false;
  return true;
}

async function saveItem(
  artifacts: ArtifactStore,
  { segments }: ShotPlan | JoinPlan,
  { scratch, file }: { readonly scratch: string; readonly file: string },
): Promise<void> {
  const parts = segments.map((_, index) => join(scratch, `${String(index)}.mp4`));
  for (const [index, segment] of segments.entries()) await artifacts.fetch(segment, parts[index] ?? '');
  const whole = join(scratch, 'whole.mp4');
  const expectedFrames = segments.reduce((sum, { params }) => sum + params.count, 0);
  await remuxSegments({ segments: parts, output: whole, expectedFrames });
  await rename(whole, file);
}
