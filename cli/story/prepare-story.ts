import { prepareScriptText } from '../../client/prepare-story.ts';
import type { PreparedStory } from '../../client/prepare-story.ts';
import { cacheDirFromEnv } from '../../storage/config.ts';
import type { Cli } from '../shell/cli.ts';
import { applyOverrides } from './script-overrides.ts';
import type { ScriptOverrides } from './script-overrides.ts';
import { readScriptFile } from './script-file.ts';
import type { ScriptFile } from './script-file.ts';
import { findEnvironment } from '../stack/backend.ts';

/** What a command may be told of the pictures and sounds of a script. */
export interface PictureOptions {
  /** They may lie outside the script's folder. */
  readonly allowOutside?: boolean;
}

/** What a command may be told of the words of a script. */
export interface WordOptions {
  /** A warning is an error. */
  readonly strict?: boolean;
}

/**
 * Reads, checks and plans a script file, with the pictures and sounds it refers to. @throws PipelineError `SCRIPT_*`, `MODEL_*`,
 * `STORAGE_*`; UsageError when there is no such file.
 */
export async function preparePath(
  cli: Cli,
  file: string,
  options: ScriptOverrides & PictureOptions & WordOptions = {},
): Promise<PreparedStory> {
  return prepareScriptFile(cli, await readScriptFile(file), options);
}

/** The same for a script that was read. @throws PipelineError as {@link preparePath}. */
export function prepareScriptFile(
  cli: Cli,
  { folder, ...read }: ScriptFile,
  options: ScriptOverrides & PictureOptions & WordOptions = {},
): Promise<PreparedStory> {
  const config = cli.config();
  return prepareScriptText(read, {
    modelsDir: config.modelsDir,
    override: (script) => applyOverrides(script, options),
    clips: { cacheDir: cacheDirFromEnv(cli.env), onFrames: readingNotes(cli) },
    strict: options.strict === true,
    sources: {
      folder,
      allowOutside: options.allowOutside === true,
      buckets: config.pictureBuckets,
      https: { hosts: config.pictureHosts },
      storage: async () => {
        const { storageConfigFromEnv } = await import('../../storage/config.ts');
        const env = await findEnvironment(cli);
        return env === null ? null : storageConfigFromEnv(env);
      },
    },
  });
}

/** Frames after which one wants to know how far the reading of a clip is. */
const tellEvery = 2400;

/** Tells how far a long clip has been read. */
function readingNotes({ terminal }: Cli): (source: string, done: number, of: number) => void {
  return (source, done, of) => {
    if (done > 0 && done % tellEvery === 0) terminal.note(`reading ${source}: ${String(done)} of ${String(of)} frames`);
  };
}
