import { PipelineError } from '../../errors/pipeline-error.ts';
import { hasOwnText } from './manifest-references.ts';
import type {
  DenoiserManifest,
  EnhancerManifest,
  ModelManifest,
  UpscalerManifest,
  VoiceManifest,
} from './model-manifest.ts';
import type { DenoiserFacts, EnhancerFacts, ModelRole, ModelSetRef, PackageRef, UpscalerFacts, VoiceFacts } from './model-set.ts';

/** One package of a set. */
export interface DescribedPackage {
  readonly manifest: ModelManifest;
  /** Sha256 of the bytes of its `model.json`, 64 hex digits. */
  readonly digest: string;
}

/**
 * What planning needs to know of a model set, from the manifests of its packages.
 *
 * @param shapes Sizes of clips that the set offers beside that of its base model.
 * @throws PipelineError `MODEL_INVALID` when a role comes twice, a role that every story needs is missing, the packages
 * disagree on the latents or the text that they hand to each other, or a size does not fit the latents.
 */
export function describeModelSet(
  name: string,
  packages: readonly DescribedPackage[],
  shapes: NonNullable<ModelSetRef['shapes']> = [],
): ModelSetRef {
  const refs: Partial<Record<ModelRole, PackageRef>> = {};
  const denoisers: Partial<Record<DenoiserManifest['role'], DenoiserFacts>> = {};
  let enhancer: EnhancerFacts | undefined;
  let upscaler: UpscalerFacts | undefined;
  let voice: VoiceFacts | undefined;
  for (const { manifest, digest } of packages) {
    if (refs[manifest.role] !== undefined) throw invalid(name, `has two ${manifest.role} packages`);
    refs[manifest.role] = { name: manifest.name, version: manifest.version, digest };
    if (isDenoiser(manifest)) denoisers[manifest.role] = factsOf(manifest);
    if (manifest.role === 'enhance') enhancer = enhancerFacts(manifest);
    if (manifest.role === 'upscale') upscaler = upscalerFacts(manifest);
    if (manifest.role === 'voice') voice = voiceFacts(manifest);
  }
  const manifests = packages.map(({ manifest }) => manifest);
  const base = manifests.find((manifest) => manifest.role === 'base');
  const missing = (['text', 'vae', 'base', 'interp', 'upscale'] as const).filter((role) => refs[role] === undefined);
  if (base === undefined || missing.length > 0) throw invalid(name, `lacks packages for ${missing.join(', ')}`);
  const reader = hasOwnText(base) ? (manifests.find((manifest) => manifest.role === 'text') ?? base) : base;
  for (const manifest of manifests) checkAgreement(name, { base, reader }, manifest);
  for (const { width, height } of shapes) {
    const { downscale } = base.latent;
    if (width % downscale !== 0 || height % downscale !== 0)
      throw invalid(name, `offers clips of ${width}x${height}; both must be multiples of ${downscale}`);
  }
  return {
    name,
    packages: refs,
    native: { width: base.native.width, height: base.native.height },
    ...(shapes.length === 0 ? {} : { shapes }),
    latent: { channels: base.latent.channels, downscale: base.latent.downscale },
    denoisers,
    ...(enhancer === undefined ? {} : { enhancer }),
    ...(upscaler === undefined ? {} : { upscaler }),
    ...(voice === undefined ? {} : { voice }),
  };
}

function voiceFacts({ voice: { program, voice, voices } }: VoiceManifest): VoiceFacts {
  return { program, voice, ...(voices === undefined ? {} : { voices }) };
}

function isDenoiser(manifest: ModelManifest): manifest is DenoiserManifest {
  return 'prediction' in manifest && manifest.role !== 'enhance';
}

function enhancerFacts({ native, sampler, enhance }: EnhancerManifest): EnhancerFacts {
  const { start, hintNoise, list, sharedNoise, maxScale, maxTime, loop, told, tile, suffix, negative } = enhance;
  return {
    frames: native.frames,
    sampler: samplerFacts(sampler),
    start,
    hintNoise,
    fastList: list === 'fast',
    sharedNoise: sharedNoise === true,
    maxScale,
    maxTime,
    ...(loop === undefined ? {} : { loop }),
    ...(told === undefined ? {} : { told }),
    ...(tile === undefined ? {} : { tile }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(negative === undefined ? {} : { negative }),
  };
}

/** What planning needs to know of an upscaler that denoises; nothing of one that does not. */
function upscalerFacts(manifest: UpscalerManifest): UpscalerFacts | undefined {
  const { diffusion, native } = manifest;
  if (diffusion === undefined || native === undefined) return undefined;
  const { noiseLevel, negative, sampler } = diffusion;
  return { frames: native.frames, sampler: samplerFacts(sampler), noiseLevel, negative };
}

function samplerFacts({ kind, steps, guidance, rescale }: DenoiserManifest['sampler']): DenoiserFacts['sampler'] {
  return { kind, steps, guidance, ...(rescale === undefined ? {} : { rescale }) };
}

function factsOf(manifest: DenoiserManifest): DenoiserFacts {
  return {
    frames: manifest.native.frames,
    sampler: samplerFacts(manifest.sampler),
    ...(manifest.presets === undefined ? {} : { presets: manifest.presets }),
    freeu: manifest.freeu ?? null,
    ...(manifest.freeinit === undefined ? {} : { freeinit: manifest.freeinit }),
    ...(manifest.paper === undefined ? {} : { paper: paperFacts(manifest.paper) }),
    ...(manifest.role === 'transition' && manifest.unknown === 'grey' ? { greyUnknown: true as const } : {}),
  };
}

function paperFacts({ sampler, suffix, negative }: NonNullable<DenoiserManifest['paper']>): DenoiserFacts['paper'] {
  return {
    sampler: samplerFacts(sampler),
    ...(suffix === undefined ? {} : { suffix }),
    ...(negative === undefined ? {} : { negative }),
  };
}

/**
 * Latents and text pass between packages, so whoever takes part must mean the same by them. `reader` says what text is in the
 * set; a package with a text encoder of its own need not agree.
 */
function checkAgreement(
  name: string,
  { base, reader }: { readonly base: DenoiserManifest; readonly reader: ModelManifest },
  other: ModelManifest,
): void {
  const handsOnLatents = 'prediction' in other || other.role === 'vae';
  for (const key of ['channels', 'downscale', 'scale'] as const) {
    const value = other.latent?.[key];
    if (handsOnLatents && value !== base.latent[key]) {
      throw invalid(name, `has latent.${key} ${base.latent[key]} in ${base.name} and ${value} in ${other.name}`);
    }
  }
  const takesPartInText = ('prediction' in other && !hasOwnText(other)) || other.role === 'text';
  for (const key of ['width', 'tokens'] as const) {
    const [value, expected] = [other.context?.[key], reader.context?.[key]];
    if (takesPartInText && value !== expected) {
      throw invalid(name, `has context.${key} ${expected} in ${reader.name} and ${value} in ${other.name}`);
    }
  }
}

function invalid(name: string, finding: string): PipelineError {
  return new PipelineError(
    'MODEL_INVALID',
    `Model set "${name}" ${finding}; its packages must fit together; mend models/sets/${name}.json`,
    {
      details: { models: name },
    },
  );
}
