import { PipelineError } from '../../errors/pipeline-error.ts';
import { enhanceParams } from './enhance-settings.ts';
import type { EnhanceParams } from './enhance-settings.ts';
import { freeInitOf, iterationsOf } from './freeinit.ts';
import type { FreeInitPlan } from './freeinit.ts';
import { interpolatedFrames } from './frame-runs.ts';
import { clipSizeFor } from './framing.ts';
import type { Size } from '../script/output-size.ts';
import type { DenoiserFacts, DenoiserRole, ModelRole, ModelSetRef, PackageRef } from '../models/model-set.ts';
import type { EnhanceSettings, FreeUSettings, PromptPlace, SamplingSettings, Shot } from '../script/script.ts';
import { plainPrompt } from '../script/placeholders.ts';
import { freeNoiseOf, keysOfShot } from './shot-length.ts';
import { seedOf } from '../script/content-hash.ts';
import type { BaseParams, DenoiseParams, UpscaleParams } from './task.ts';
import { upscaleParams } from './upscale-settings.ts';
import type { UpscaleWords } from './upscale-settings.ts';

/** How the clips of a story are made with one model set. */
export interface ClipSettings {
  /** Size of the frames of a clip, pixels: of those that the set offers the nearest to the film's shape. */
  readonly native: { readonly width: number; readonly height: number };
  /** Frames of one interpolated clip of the model. */
  readonly numFrames: number;
  /** Base frames of one clip of the model. */
  readonly numKeys: number;
  /**
   * Parameters of a shot's base clip, for a film of that many frames per second; with FreeInit of each iteration up to the
   * one that is shown. `subject`: key of a subject's picture, or `null`.
   */
  base(shot: Shot, fps: number, subject: string | null): readonly [BaseParams, ...BaseParams[]];
  /** FreeInit of a shot's base clip; `null` when it is off. */
  readonly freeinit: (shot: Shot) => FreeInitPlan | null;
  /** Parameters of a shot's clip of which some frames are known. */
  completion(prompt: string, sampling: SamplingSettings): DenoiseParams;
  /** Parameters of a join's clip; its seed follows from the seeds of both shots. */
  transition(prompt: string, sampling: SamplingSettings, seeds: readonly [number, number]): DenoiseParams;
  /**
   * Parameters of the interpolation of a clip. It says the clip's prompts and shares its seed (streams are kept apart by
   * stage), but sampler, steps and guidance are the model's own for that quality: a script tunes the clip, not its
   * in-betweens.
   */
  interp(clip: DenoiseParams, sampling: Pick<SamplingSettings, 'quality' | 'as'>): DenoiseParams;
  /** Parameters of the enhancement of a clip with these words; `path` names the shot in messages. */
  enhance(
    settings: EnhanceSettings,
    words: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>,
    path: string,
  ): EnhanceParams;
  /** Parameters of the upscaling of a clip with these words, but for its length; `null` when the upscaler does not denoise. */
  upscale(words: UpscaleWords): Omit<UpscaleParams, 'frames'> | null;
  /** Packages of a clip of which some frames are known. */
  completing(): Readonly<Partial<Record<ModelRole, PackageRef>>>;
  /** References of the packages with these roles. */
  packages(...roles: readonly ModelRole[]): Readonly<Partial<Record<ModelRole, PackageRef>>>;
}

const identity: FreeUSettings = { b1: 1, b2: 1, s1: 1, s2: 1 };

/**
 * Reads from a model set how clips are made with it. Roles are looked up when a story needs them, so a set without a
 * transition model serves stories without seine joins.
 *
 * @param film Size of the film, which decides the shape of the clips.
 * @throws PipelineError `MODEL_INVALID`, at once or from the members, when the set does not serve.
 */
export function describeClips(models: ModelSetRef, film: Size): ClipSettings {
  const { latent } = models;
  const native = clipSizeFor(models, film);
  const latentWidth = native.width / latent.downscale;
  const latentHeight = native.height / latent.downscale;
  if (!Number.isInteger(latentWidth) || !Number.isInteger(latentHeight)) {
    throw invalid(
      models,
      `makes clips of ${native.width}x${native.height}; both must be multiples of ${latent.downscale}`,
    );
  }
  const numKeys = factsOf(models, 'base').frames;
  const numFrames = interpolatedFrames(numKeys);
  const frames = factsOf(models, 'interp').frames;
  if (frames !== numFrames) {
    throw invalid(models, `interpolates to ${frames} frames; from ${numKeys} keys it must be ${numFrames}`);
  }

  const denoise = (
    role: 'base' | 'subject' | 'transition',
    prompt: string,
    seed: number,
    sampling: SamplingSettings,
  ): DenoiseParams => {
    const facts = factsOf(models, role);
    if (facts.frames !== numKeys) {
      throw invalid(
        models,
        `has ${role} clips of ${facts.frames} frames; base clips have ${numKeys}, which both must have`,
      );
    }
    const preset = presetOf(facts, sampling);
    return {
      ...wordsOf(facts, sampling.as, { prompt, negative: sampling.negative }),
      seed,
      sampler: sampling.sampler ?? preset.kind,
      steps: sampling.steps ?? preset.steps,
      guidance: sampling.guidance ?? preset.guidance,
      rescale: sampling.rescale ?? preset.rescale,
      freeu: freeuOf(sampling.freeu ?? preset.freeu, facts),
      frames: numKeys,
      latentWidth,
      latentHeight,
    };
  };

  const freeinit = ({ sampling }: Shot): FreeInitPlan | null => {
    const facts = factsOf(models, 'base');
    return freeInitOf(sampling, facts, presetOf(facts, sampling));
  };

  const packages: ClipSettings['packages'] = (...roles) =>
    Object.fromEntries(roles.map((role) => [role, packageOf(models, role)]));
  const suffixed = (each: PromptPlace, as: SamplingSettings['as'], subject: string | null): PromptPlace => {
    const { prompt } = wordsOf(factsOf(models, subject === null ? 'base' : 'subject'), as, { ...each, negative: '' });
    return { ...each, prompt };
  };

  return {
    native,
    numFrames,
    numKeys,
    base: (shot, fps, subject) => {
      const { prompt, prompts, sampling } = shot;
      const frames = keysOfShot(shot, fps, numKeys);
      const clip = {
        ...denoise(subject === null ? 'base' : 'subject', prompt, sampling.seed, sampling),
        ...(prompts === undefined ? {} : { prompts: prompts.map((each) => suffixed(each, sampling.as, subject)) }),
        frames,
        ...freeNoiseOf(shot, frames, numKeys),
        ...(subject === null ? {} : { subject }),
      };
      return iterationsOf(clip, freeinit(shot));
    },
    freeinit,
    completion: (prompt, sampling) => denoise('transition', prompt, sampling.seed, sampling),
    transition: (prompt, sampling, seeds) => denoise('transition', prompt, seedOf({ join: seeds }), sampling),
    interp: (clip, { quality, as }) => {
      const facts = factsOf(models, 'interp');
      const told = as !== undefined && facts.paper !== undefined ? as : undefined;
      const { kind, steps, guidance, rescale, freeu } = presetOf(facts, {
        quality,
        ...(told === undefined ? {} : { as: told }),
      });
      const said = clipOf(clip);
      return {
        ...said,
        ...wordsOf(facts, told, said),
        steps,
        guidance,
        rescale,
        sampler: kind,
        freeu: freeuOf(freeu, facts),
        frames: interpolatedFrames(clip.frames),
        // Neighbours share one frame, a key.
        ...(clip.frames > numKeys ? { chunks: { length: numFrames, stride: numFrames - 1 } } : {}),
      };
    },
    enhance: (settings, words, path) => enhanceParams(settings, words, models, path),
    upscale: (words) => upscaleParams(models, words),
    completing: () =>
      models.denoisers.transition?.greyUnknown === true
        ? packages('text', 'vae', 'transition')
        : packages('text', 'transition'),
    packages,
  };
}

/** What an interpolation takes over from its clip; a transition's own parameters stay behind. */
function clipOf(
  clip: DenoiseParams,
): Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed' | 'latentWidth' | 'latentHeight'> {
  const { negative, seed, latentWidth, latentHeight } = clip;
  const prompts = clip.prompts?.map((each) => ({ ...each, prompt: plainPrompt(each.prompt) }));
  const prompt = plainPrompt(clip.prompt);
  return { prompt, ...(prompts === undefined ? {} : { prompts }), negative, seed, latentWidth, latentHeight };
}

/** The words of a clip, and that it is sampled as in the paper, if it is. */
function wordsOf(
  facts: DenoiserFacts,
  as: SamplingSettings['as'],
  { prompt, negative }: Pick<DenoiseParams, 'prompt' | 'negative'>,
): Pick<DenoiseParams, 'prompt' | 'negative' | 'as'> {
  if (as === undefined) return { prompt, negative };
  const { suffix = '', negative: usual = '' } = facts.paper ?? {};
  return { prompt: prompt + suffix, negative: negative === '' ? usual : negative, as };
}

/** What a model says for a quality: its preset over its defaults; or what its authors say. */
function presetOf(
  { sampler, presets, paper }: DenoiserFacts,
  { quality, as }: Pick<SamplingSettings, 'quality' | 'as'>,
) {
  const { kind, steps, guidance, rescale = 0 } = as === undefined ? sampler : (paper?.sampler ?? sampler);
  const preset = as === undefined ? presets?.[quality] : undefined;
  return {
    kind: preset?.kind ?? kind,
    steps: preset?.steps ?? steps,
    guidance: preset?.guidance ?? guidance,
    rescale,
    freeu: preset?.freeu ?? false,
    freeinit: preset?.freeinit ?? false,
  };
}

function freeuOf(wanted: boolean | FreeUSettings, facts: DenoiserFacts): FreeUSettings {
  if (typeof wanted === 'object') return wanted;
  return wanted && facts.freeu ? facts.freeu : identity;
}

function packageOf(models: ModelSetRef, role: ModelRole): PackageRef {
  const ref = models.packages[role];
  if (ref === undefined) throw invalid(models, `has no ${role} package; this story needs one`);
  return ref;
}

function factsOf(models: ModelSetRef, role: DenoiserRole): DenoiserFacts {
  const facts = models.denoisers[role];
  if (facts === undefined) throw invalid(models, `has no ${role} model; this story needs one`);
  return facts;
}

function invalid(models: ModelSetRef, finding: string): PipelineError {
  return new PipelineError('MODEL_INVALID', `Model set "${models.name}" ${finding}; choose or mend a set`, {
    details: { models: models.name },
  });
}
