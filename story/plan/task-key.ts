import { hashOf } from '../script/content-hash.ts';
import type { ModelRole, PackageRef } from '../models/model-set.ts';
import { stages } from './stages.ts';
import { madeInputs, type StageTask } from './task.ts';

/**
 * The artifact key of a recipe: the hash of all that decides the bytes. Packages count by digest alone, so a renamed
 * package with the same files keeps its artifacts. Inputs count by key alone, and uploads by the parameter that names them.
 */
export function taskKey(recipe: Omit<StageTask, 'key'>): string {
  const digests: Partial<Record<ModelRole, string>> = {};
  for (const [role, ref] of Object.entries(recipe.packages) as [ModelRole, PackageRef][]) digests[role] = ref.digest;
  return hashOf({
    stage: recipe.stage,
    stageVersion: recipe.stageVersion,
    params: recipe.params,
    packages: digests,
    inputs: madeInputs(recipe),
  });
}

/** The task of a recipe: its stage version and key filled in. */
export function taskOf<Task extends StageTask>(recipe: Omit<Task, 'key' | 'stageVersion'>): Task {
  const versioned = { ...recipe, stageVersion: stages[recipe.stage].version } as Omit<Task, 'key'>;
  return { ...versioned, key: taskKey(versioned) } as Task;
}
