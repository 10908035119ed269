import { normalCard } from './card-fields.ts';
import { readRate } from './frame-rate.ts';
import { normalFiles, outputEncoding } from './normal-outputs.ts';
import { normalShot } from './normal-shot.ts';
import { normalShotSound, normalStorySound } from './normal-sound.ts';
import { namedSize, ratioOf, sizeOf } from './output-size.ts';
import { foldSpaces } from './plain-text.ts';
import { readScript } from './read-script.ts';
import type { OutputSettings, StoryScript } from './script.ts';
import { scriptDefaults, scriptLimits } from './script-limits.ts';
import { invalidScript, problemsOf, schemaFindings } from './script-problems.ts';
import { writtenScript } from './script-schema.ts';
import type { WrittenScript } from './script-schema.ts';
import { shareSeconds } from './shared-seconds.ts';
import { storyFindings } from './story-findings.ts';
import { normalSubjects } from './subjects.ts';

type WrittenOutput = Exclude<WrittenScript['output'], string | undefined>;

/**
 * Reads a story script, YAML or JSON, into its normal form. `fileName` gives the title of a story that has none and
 * stands in messages.
 *
 * @throws PipelineError `SCRIPT_INVALID` with every problem at once in `details.problems` (`ScriptProblem`), whatever the
 * text holds.
 *
 * @example
 * ```ts
 * import { parseScript } from './parse-script.ts';
 *
 * const yaml = 'shots: [{ id: dawn, prompt: a red boat sails to the right on the sea at sunset }]';
 * const { title, shots } = parseScript(yaml, { fileName: 'stories/first-film.yaml' });
 * console.log(title, shots[0]?.sampling.quality); // First film standard
 * ```
 */
export function parseScript(text: string, { fileName }: { readonly fileName: string }): StoryScript {
  const script = readScript(text);
  if ('problems' in script) throw invalidScript(fileName, script.problems);
  const result = writtenScript.safeParse(script.value);
  const findings = [...schemaFindings(result.error?.issues ?? [], script.value), ...storyFindings(script.value)];
  if (!result.success || findings.length > 0) throw invalidScript(fileName, problemsOf(findings, script));
  const form = normalForm(result.data, fileName);
  const { seconds } = result.data;
  const shared = seconds === undefined ? form : shareSeconds(form, seconds);
  if (typeof shared !== 'string') return shared;
  throw invalidScript(fileName, problemsOf([{ path: ['seconds'], message: `seconds ${shared}` }], script));
}

function normalForm(written: WrittenScript, fileName: string): StoryScript {
  const { defaults = {} } = written;
  const title = written.title ?? titleFrom(fileName);
  return {
    title,
    ...(written.description === undefined ? {} : { description: written.description }),
    ...(written.language === undefined ? {} : { language: written.language }),
    output: normalOutput(written.output),
    ...(written.outputs === undefined ? {} : { outputs: normalFiles(written.outputs) }),
    ...normalModels(written.models ?? scriptDefaults.models, written.output),
    ...normalCards(written, title),
    ...normalSubjects(written.subjects),
    ...normalStorySound(written, typeof written.output === 'object' ? written.output.audio : undefined),
    shots: written.shots.map((shot, index) => ({
      ...normalShot(shot, index, defaults),
      ...normalShotSound(shot, defaults, written.voice),
    })),
  };
}

function normalOutput(written: WrittenScript['output']): OutputSettings {
  const output: WrittenOutput = typeof written === 'string' ? (namedSize(written) ?? {}) : (written ?? {});
  return {
    ...sizeOf(output, output.shape === undefined ? undefined : (ratioOf(output.shape) ?? undefined)),
    fps: (output.fps === undefined ? null : readRate(output.fps)) ?? scriptDefaults.fps,
    ...(output.fit === 'pad' ? { fit: 'pad' } : {}),
    ...(output.captions === 'burn' ? { captions: 'burn' } : {}),
    ...(output.upscaler === 'lanczos' ? { upscaler: 'lanczos' } : {}),
    ...outputEncoding(output),
  };
}

function normalCards(written: WrittenScript, title: string): Pick<StoryScript, 'opening' | 'closing'> {
  const { opening, closing } = written;
  return {
    ...(opening === undefined || opening === false ? {} : { opening: normalCard(opening === true ? title : opening) }),
    ...(closing === undefined ? {} : { closing: normalCard(closing) }),
  };
}

function normalModels(
  models: NonNullable<WrittenScript['models']>,
  output: WrittenScript['output'],
): Pick<StoryScript, 'models' | 'alternatives'> {
  const { set = scriptDefaults.models, base, voice } = typeof models === 'string' ? { set: models } : models;
  const upscaler = typeof output === 'object' ? output.upscaler : undefined;
  const alternatives = {
    ...(base === undefined ? {} : { base }),
    ...(upscaler === undefined || upscaler === 'model' || upscaler === 'lanczos' ? {} : { upscale: upscaler }),
    ...(voice === undefined ? {} : { voice }),
  };
  return { models: set, ...(Object.keys(alternatives).length === 0 ? {} : { alternatives }) };
}

/** `stories/first-film.yaml` tells the story "First film". */
function titleFrom(fileName: string): string {
  // `<stdin>` is no name of a file.
  if (/^<.*>$/.test(fileName)) return 'Story';
  const stem = (fileName.split(/[\\/]/).at(-1) ?? '').replace(/\.[^.]*$/, '');
  const words = foldSpaces(stem.replace(/[-_\p{Cc}\p{Cs}]+/gu, ' ')).slice(0, scriptLimits.titleLength);
  return words === '' ? 'Story' : words.charAt(0).toUpperCase() + words.slice(1);
}
