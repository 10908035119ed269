import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModelSet } from '../storage/model-library.ts';
import type { LoadedModelSet } from '../storage/model-library.ts';
import { parseJson } from '../storage/package-folder.ts';
import { planStory } from '../story/plan-story.ts';
import type { StoryPlan } from '../story/plan.ts';
import type { StoryScript } from '../story/script.ts';
import { storyIdOf } from '../story/story-id.ts';
import { parseVocabulary, warnUnknownWords } from '../story/vocabulary.ts';
import type { CliConfig } from './config.ts';
import { applyOverrides } from './script-overrides.ts';
import type { ScriptOverrides } from './script-overrides.ts';
import { readScript } from './script-file.ts';

/** A script that is ready to be submitted. */
export interface PreparedStory {
  readonly script: StoryScript;
  readonly models: LoadedModelSet;
  readonly plan: StoryPlan;
  readonly workflowId: string;
  /** What the script says that the models may not understand. */
  readonly warnings: readonly string[];
}

/** Reads, checks and plans a script file. @throws PipelineError `SCRIPT_*`, `MODEL_*`; UsageError when there is no such file. */
export async function prepareStory(
  config: CliConfig,
  file: string,
  overrides: ScriptOverrides = {},
): Promise<PreparedStory> {
  return prepareScript(config, applyOverrides(await readScript(file), overrides));
}

/** Checks and plans a script that is parsed already. */
export async function prepareScript(config: CliConfig, script: StoryScript): Promise<PreparedStory> {
  const models = await loadModelSet(config.modelsDir, script.models);
  const plan = planStory(script, models.ref);
  return { script, models, plan, workflowId: storyIdOf(plan), warnings: await warningsFor(script, models) };
}

/** A set whose text package brings no vocabulary knows no bounds, or does not tell them. */
async function warningsFor(script: StoryScript, { dirs }: LoadedModelSet): Promise<string[]> {
  const file = dirs.text === undefined ? null : join(dirs.text, 'vocabulary.json');
  const json = file === null ? null : await readFile(file, 'utf8').catch(() => null);
  if (json === null || file === null) return [];
  return warnUnknownWords(script, parseVocabulary(parseJson(json, file))).map(({ message }) => message);
}
