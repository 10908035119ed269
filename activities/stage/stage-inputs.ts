import { join } from 'node:path';
import type { FetchedArtifact } from './unusable-artifact.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import { type ArtifactKind, formatOf } from '../../story/plan/stages.ts';
import type { StageName, StageTask } from '../../story/plan/task.ts';

/** What the files of a stage can be. A key alone does not say it, and objects are filed by kind. */
const makersOf: Readonly<Record<StageName, readonly ArtifactKind[]>> = {
  // An iteration of FreeInit reads the one before, a clip with a subject its picture.
  base: ['base', 'upload'],
  picture: ['upload'],
  completion: ['base', 'completion', 'picture'],
  transition: ['base', 'completion'],
  interp: ['base', 'completion', 'transition'],
  decode: ['base', 'completion'],
  dissolve: ['interp'],
  enhance: ['interp', 'dissolve', 'base', 'completion', 'transition'],
  segment: ['interp', 'dissolve', 'enhance'],
  film: ['segment'],
  measure: ['decode', 'interp'],
};

/** Keys of what a task reads: its inputs, and behind them an upload, which no task makes. */
function keysOf(task: StageTask): readonly string[] {
  if (task.stage === 'picture') return [task.params.picture];
  const upload = task.stage === 'base' ? task.params.subject : undefined;
  return upload === undefined ? task.inputs : [...task.inputs, upload];
}

/**
 * Brings the input artifacts of a task to `dir`, verified, in task order.
 *
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with details `{ key }`: the artifact must be made again.
 */
export async function fetchInputs(
  artifacts: Pick<ArtifactStore, 'find' | 'fetch'>,
  task: StageTask,
  dir: string,
  signal: AbortSignal,
): Promise<FetchedArtifact[]> {
  const fetched: FetchedArtifact[] = [];
  for (const [index, key] of keysOf(task).entries()) {
    const stage = await makerOf(artifacts, task, key);
    const file = join(dir, `input-${String(index)}.${formatOf(stage)}`);
    await artifacts.fetch(key, stage, file, signal);
    fetched.push({ stage, key, file });
  }
  return fetched;
}

async function makerOf(artifacts: Pick<ArtifactStore, 'find'>, task: StageTask, key: string): Promise<ArtifactKind> {
  const makers = makersOf[task.stage];
  for (const stage of makers) if ((await artifacts.find({ stage, key })) !== null) return stage;
  throw new PipelineError(
    'ARTIFACT_MISSING',
    `${task.stage} ${task.key.slice(0, 12)} needs artifact ${key.slice(0, 12)} of ${makers.join(' or ')}, which is not in the store; ${makers.includes('upload') ? 'submit the story again, which uploads its pictures' : 'it is made again'}`,
    { details: { key } },
  );
}
