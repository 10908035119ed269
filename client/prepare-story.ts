import type { PreparedClip } from '../clips/prepared-clips.ts';
import type { CollectedPicture } from '../pictures/collect.ts';
import type { PictureSources } from '../pictures/read-picture.ts';
import type { CollectedSound, SoundScript } from '../sounds/collect.ts';
import { cacheDirFromEnv } from '../storage/config.ts';
import { loadModelSet } from '../storage/model-library.ts';
import type { LoadedModelSet } from '../storage/model-library.ts';
import { warnPrompts } from '../story/language/prompt-warnings.ts';
import { captionWarnings, cuesOf } from '../story/plan/captions.ts';
import { clipSizeFor, shapeWarning, strayFocusRule, strayFocusWords } from '../story/plan/framing.ts';
import { soundRate } from '../story/plan/plan-sound.ts';
import { planStory } from '../story/plan/plan-story.ts';
import type { StoryPlan } from '../story/plan/plan.ts';
import { storyIdOf } from '../story/plan/story-id.ts';
import { focusesIn } from '../story/script/focus-words.ts';
import { planProblem } from '../story/script/plan-problem.ts';
import type { ScriptProblem } from '../story/script/read-script.ts';
import { invalidScript, readPath, writtenPath } from '../story/script/script-problems.ts';
import type { StoryScript } from '../story/script/script.ts';
import { hasSound } from '../story/script/sound.ts';
import { codecWarnings } from './codec-warnings.ts';
import { fontProblems } from './drawn-words.ts';
import { inFile } from './script-text.ts';
import type { ScriptText } from './script-text.ts';
import { readSetWords } from './set-words.ts';

/** What a script is prepared with. */
export interface ScriptSurroundings {
  /** Folder with `sets/` and `packages/`. */
  readonly modelsDir: string;
  /** Where its pictures and sounds may come from. */
  readonly sources: PictureSources;
  /** Changes the script before it is checked: what a command line says over it. */
  readonly override?: (script: StoryScript) => StoryScript;
  /** Whether a warning is an error. */
  readonly strict?: boolean;
  /** How clips are read. */
  readonly clips?: ClipReading;
}

/** How clips of one's own are read, which may take minutes. */
export interface ClipReading {
  /** Folder for what may be made again; absent: the usual one in the home folder. */
  readonly cacheDir?: string;
  /** Hears how far a clip is, frames. */
  readonly onFrames?: (source: string, done: number, of: number) => void;
}

/** A script that is ready to be submitted. */
export interface PreparedStory {
  readonly script: StoryScript;
  readonly models: LoadedModelSet;
  readonly plan: StoryPlan;
  readonly workflowId: string;
  /** Pictures that the store may lack. */
  readonly pictures: readonly CollectedPicture[];
  /** Sounds that the store may lack. */
  readonly sounds: readonly CollectedSound[];
  /** Clips whose parts the store may lack. */
  readonly clips: readonly PreparedClip[];
  /** What the script says that was hardly meant, or that the models may not understand. */
  readonly warnings: readonly ScriptProblem[];
}

/**
 * Checks and plans a script that was read, with the pictures and sounds it refers to.
 * @throws PipelineError `SCRIPT_*`, with the line of every problem, `MODEL_*`, `STORAGE_*`.
 */
export async function prepareScriptText(
  read: ScriptText,
  { modelsDir, sources, override = (script) => script, strict = false, clips: reading = {} }: ScriptSurroundings,
): Promise<PreparedStory> {
  const { lineOf } = read;
  const script = override(read.script);
  const undrawn = await fontProblems(script);
  if (undrawn.length > 0) {
    const problems = undrawn.map((problem) => ({ ...problem, line: lineOf(readPath(problem.path)) }));
    throw inFile(invalidScript(read.fileName, problems), read);
  }
  const prepared = async (complete: StoryScript): Promise<PreparedStory> => {
    try {
      const story = await prepareNormalForm(modelsDir, complete);
      const stray = focusWarnings(read.written, story);
      const codecs = await codecWarnings(script);
      const unknown = [...story.warnings, ...stray, ...shortSound(read.written, story), ...codecs].map((warning) => ({
        ...warning,
        line: lineOf(readPath(warning.path)),
      }));
      const warnings = [...read.warnings, ...unknown].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
      if (strict && warnings.length > 0) throw invalidScript(read.fileName, warnings);
      return { ...story, warnings };
    } catch (error) {
      throw inFile(error, read);
    }
  };
  const { findings, script: complete, ...files } = await collectFiles(script, sources, reading);
  if (findings.length > 0) {
    const problems = findings.map(({ path, message }) => ({ path: writtenPath(path), line: lineOf(path), message }));
    throw inFile(invalidScript(read.fileName, problems), read);
  }
  return { ...(await prepared(complete)), ...files };
}

/** What a script refers to, read. */
type CollectedFiles = Pick<PreparedStory, 'script' | 'pictures' | 'sounds' | 'clips'> & Pick<SoundScript, 'findings'>;

/** Reads pictures, sounds and clips. Decoders and storage take a moment to load, which scripts without them need not wait for. */
async function collectFiles(
  script: StoryScript,
  sources: PictureSources,
  { cacheDir = cacheDirFromEnv({}), onFrames }: ClipReading,
): Promise<CollectedFiles> {
  let collected: CollectedFiles = { script, pictures: [], sounds: [], clips: [], findings: [] };
  if (script.subjects !== undefined || script.shots.some(({ pictures }) => pictures !== undefined)) {
    const { collectPictures } = await import('../pictures/collect.ts');
    collected = { ...collected, ...(await collectPictures(script, sources)) };
  }
  if (hasSound(script)) {
    const { collectSounds } = await import('../sounds/collect.ts');
    const { findings, ...heard } = await collectSounds(collected.script, sources);
    collected = { ...collected, ...heard, findings: [...collected.findings, ...findings] };
  }
  if (script.shots.some(({ clip }) => clip !== undefined)) {
    const { collectClips } = await import('../clips/collect.ts');
    const { PreparedClips } = await import('../clips/prepared-clips.ts');
    const { findings, ...seen } = await collectClips(collected.script, sources, new PreparedClips(cacheDir, onFrames));
    collected = { ...collected, ...seen, findings: [...collected.findings, ...findings] };
  }
  return collected;
}

/**
 * Checks and plans a script that is parsed already and whose pictures were read.
 * @throws PipelineError `SCRIPT_*`, `MODEL_*`.
 */
export async function prepareNormalForm(modelsDir: string, script: StoryScript): Promise<PreparedStory> {
  const models = await loadModelSet(modelsDir, script.models, script.alternatives);
  const plan = planStory(script, models.ref);
  const spoken = captionWarnings(cuesOf(script, plan.timeline), script.output.fps);
  const warnings = [...(await warningsFor(modelsDir, script, models)), ...spoken];
  return { script, models, plan, workflowId: storyIdOf(plan), pictures: [], sounds: [], clips: [], warnings };
}

/** A soundtrack that is over before its film, and of which nothing says that it shall be. `loop: false` says so. */
function shortSound(written: unknown, { script, plan }: PreparedStory): ScriptProblem[] {
  const { soundtrack } = script;
  const samples = soundtrack?.file.samples;
  if (soundtrack === undefined || samples === undefined || soundtrack.loop === true) return [];
  const { soundtrack: said } = written as { readonly soundtrack?: string | { readonly loop?: boolean } };
  if (typeof said === 'object' && said.loop === false) return [];
  const lasts = samples / soundRate - (soundtrack.from ?? 0);
  // A few frames less are not heard.
  if (lasts > plan.seconds - 0.25) return [];
  const finding = `lasts ${lasts.toFixed(1)} seconds and the film ${plan.seconds.toFixed(1)}: the rest has no music; say loop: true to begin it again, or loop: false when it shall end there`;
  return [planProblem('soundtrack', finding)];
}

/** Words for a focus that mean nothing in a film of this shape: `left` of a film that loses rows would be its top. */
function focusWarnings(written: unknown, { models, script }: PreparedStory): ScriptProblem[] {
  const clip = clipSizeFor(models.ref, script.output);
  const stray = strayFocusWords(clip, script.output);
  const places = focusesIn(written);
  return places.flatMap(({ path, focus }) =>
    stray.includes(focus)
      ? [planProblem(path, `is ${JSON.stringify(focus)}; ${strayFocusRule(clip, script.output)}`)]
      : [],
  );
}

/** What is lost of the pictures, and prompts that the models will hardly follow. */
async function warningsFor(modelsDir: string, script: StoryScript, models: LoadedModelSet): Promise<ScriptProblem[]> {
  const makes = script.shots.some(({ clip }) => clip === undefined);
  const shape = makes ? shapeWarning(clipSizeFor(models.ref, script.output), script.output) : null;
  const words = await readSetWords(modelsDir, models);
  const unknown = words === null ? [] : warnPrompts(script, words);
  return [
    ...(shape === null ? [] : [{ path: 'output', line: null, message: shape }]),
    ...unknown.map(({ path, message }) => ({ path, line: null, message })),
  ];
}
