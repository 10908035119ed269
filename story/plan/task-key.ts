import { hashOf } from '../script/content-hash.ts';
import type { ModelRole, PackageRef } from '../models/model-set.ts';
import type { StageName, StageTask } from './task.ts';

/**
 * Version of each stage's code. Raise one when that stage makes other bytes from the same task: every artifact made by
 * the code before stops being found, and everything that depends on it gets a new key as well.
 */
export const stageVersions = {
  base: 1,
  picture: 1,
  completion: 1,
  transition: 1,
  interp: 1,
  decode: 1,
  dissolve: 1,
  enhance: 1,
  segment: 1,
  film: 1,
  measure: 2,
} as const satisfies Record<StageName, number>;

/**
 * The artifact key of a recipe: the hash of all that decides the bytes. Packages count by digest alone, so a renamed
 * package with the same files keeps its artifacts.
 */
export function taskKey(recipe: Omit<StageTask, 'key'>): string {
  const digests: Partial<Record<ModelRole, string>> = {};
  for (const [role, ref] of Object.entries(recipe.packages) as [ModelRole, PackageRef][]) digests[role] = ref.digest;
  return hashOf({
    stage: recipe.stage,
    stageVersion: recipe.stageVersion,
    params: recipe.params,
    packages: digests,
    inputs: recipe.inputs,
  });
}

/** The task of a recipe: its stage version and key filled in. */
export function taskOf<Task extends StageTask>(recipe: Omit<Task, 'key' | 'stageVersion'>): Task {
  const versioned = { ...recipe, stageVersion: stageVersions[recipe.stage] } as Omit<Task, 'key'>;
  return { ...versioned, key: taskKey(versioned) } as Task;
}
