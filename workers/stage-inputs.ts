import { join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import { artifactExtension } from '../storage/artifact-store.ts';
import type { StageName, StageTask } from '../story/task.ts';

/** Which stages can have made the inputs of a stage. A key alone does not say it, and objects are filed by stage. */
const makersOf: Readonly<Record<StageName, readonly StageName[]>> = {
  base: [],
  completion: ['base', 'completion'],
  transition: ['base', 'completion'],
  interp: ['base', 'completion', 'transition'],
  dissolve: ['interp'],
  segment: ['interp', 'dissolve'],
  film: ['segment'],
};

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
): Promise<string[]> {
  const files: string[] = [];
  for (const [index, key] of task.inputs.entries()) {
    const maker = await makerOf(artifacts, task, key);
    const file = join(dir, `input-${String(index)}.${artifactExtension(maker)}`);
    await artifacts.fetch(key, maker, file, signal);
    files.push(file);
  }
  return files;
}

async function makerOf(artifacts: Pick<ArtifactStore, 'find'>, task: StageTask, key: string): Promise<StageName> {
  const makers = makersOf[task.stage];
  for (const stage of makers) if ((await artifacts.find({ stage, key })) !== null) return stage;
  throw new PipelineError(
    'ARTIFACT_MISSING',
    `${task.stage} ${task.key.slice(0, 12)} needs artifact ${key.slice(0, 12)} of ${makers.join(' or ')}, which is not in the store; it is made again`,
    { details: { key } },
  );
}
