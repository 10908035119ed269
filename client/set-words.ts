import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModelSet, readSetLanguage } from '../storage/model-library.ts';
import type { LoadedModelSet } from '../storage/model-library.ts';
import { parseJson } from '../storage/package-folder.ts';
import type { SetWords } from '../story/language/prompt-warnings.ts';
import { parseVocabulary } from '../story/models/vocabulary.ts';

/** What a model set understands; `null` when its text package brings no vocabulary: it knows no bounds, or does not tell them. @throws PipelineError `MODEL_*`. */
export async function readSetWords(modelsDir: string, { ref, dirs }: LoadedModelSet): Promise<SetWords | null> {
  const file = dirs.text === undefined ? null : join(dirs.text, 'vocabulary.json');
  const json = file === null ? null : await readFile(file, 'utf8').catch(() => null);
  if (json === null || file === null) return null;
  const language = await readSetLanguage(modelsDir, ref.name);
  return { vocabulary: parseVocabulary(parseJson(json, file)), ...(language === undefined ? {} : { language }) };
}

/** As {@link readSetWords}, of a set by name. */
export async function loadSetWords(modelsDir: string, set: string): Promise<SetWords | null> {
  return readSetWords(modelsDir, await loadModelSet(modelsDir, set));
}
