import type { FreeInitSettings, Quality, SamplerKind } from '../script/script.ts';

/**
 * What planning needs to know of a model set: a JSON-plain digest of its manifests that travels as workflow input, so
 * that the plan is a pure function of (script, model set).
 */

/** The part a model plays in the cascade. */
export type ModelRole =
  | 'text'
  | 'vae'
  | 'base'
  | 'interp'
  | 'transition'
  | 'upscale'
  | 'probe'
  | 'detector'
  | 'subject'
  | 'enhance'
  | 'voice'
  | PerceptionRole;

/** The parts of models that look at frames of any film, each for a dimension of VBench. */
export const perceptionRoles = ['features', 'image-text', 'aesthetic', 'imaging', 'flow', 'finder'] as const;

/** The part of a model that looks at frames of any film. */
export type PerceptionRole = (typeof perceptionRoles)[number];

/** Identity of a model package; `digest` is the sha256 of its `model.json`, which holds the hashes of all its files. */
export interface PackageRef {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** What a quality changes of a denoiser's sampling defaults. */
export interface SamplingPreset {
  readonly kind?: SamplerKind | undefined;
  readonly steps?: number | undefined;
  readonly guidance?: number | undefined;
  /** Whether FreeU is on, with the manifest's factors. */
  readonly freeu?: boolean | undefined;
  /** Whether FreeInit is on, with the manifest's settings. */
  readonly freeinit?: boolean | undefined;
}

/** Sampling defaults of one denoiser, from its manifest. */
export interface DenoiserFacts {
  readonly frames: number;
  readonly sampler: {
    readonly kind: SamplerKind;
    readonly steps: number;
    readonly guidance: number;
    readonly rescale?: number | undefined;
  };
  readonly presets?: Readonly<Partial<Record<Quality, SamplingPreset | undefined>>> | undefined;
  /** Factors for `freeu: true`; `null` when the manifest has none, `false` when the model has nothing that FreeU works on. */
  readonly freeu: { readonly b1: number; readonly b2: number; readonly s1: number; readonly s2: number } | null | false;
  readonly freeinit?: FreeInitSettings | undefined;
  /** How its authors sample it; absent when the package does not say. */
  readonly paper?: {
    readonly sampler: DenoiserFacts['sampler'];
    readonly suffix?: string | undefined;
    readonly negative?: string | undefined;
  } | undefined;
  /** Of a transition: its unknown frames are those of a grey picture, which the autoencoder makes. */
  readonly greyUnknown?: true;
}

/** The roles of models that denoise clips. */
export type DenoiserRole = 'base' | 'subject' | 'interp' | 'transition';

/** What planning needs to know of an enhancer. */
export interface EnhancerFacts extends Pick<DenoiserFacts, 'sampler'> {
  /** Frames of a time chunk. */
  readonly frames: number;
  /** Timestep that frames are noised to at full strength. */
  readonly start: number;
  /** Timestep of the noise on hints at full strength. */
  readonly hintNoise: number;
  /** Whether its steps at full strength are VEnhancer's fixed list. */
  readonly fastList: boolean;
  /** Whether all frames of a clip get the same noise. */
  readonly sharedNoise: boolean;
  readonly maxScale: number;
  readonly maxTime: number;
  /** It runs as VEnhancer's own code; absent: as the pocket enhancer. */
  readonly loop?: 'venhancer' | undefined;
  /** By how much it is told that frames were enlarged; absent: as much as they were. */
  readonly told?: number | undefined;
  /** Cells of a tile that it sees at once. */
  readonly tile?: { readonly width: number; readonly height: number } | undefined;
  /** Words behind every prompt. */
  readonly suffix?: string | undefined;
  /** What stories go away from that say nothing else. */
  readonly negative?: string | undefined;
}

/** What planning needs to know of an upscaler that denoises. */
export interface UpscalerFacts extends Pick<DenoiserFacts, 'sampler'> {
  /** Frames of a time chunk. */
  readonly frames: number;
  /** Timestep of the noise on the frames that it is shown. */
  readonly noiseLevel: number;
  /** Words that it always goes away from. */
  readonly negative: string;
}

/**
 * What speaks: a program of the worker, or a model of the package in the manner of Piper. A package names one of these and never a command, for
 * packages come from everywhere.
 */
export const voicePrograms = ['espeak-ng', 'piper'] as const;

/** What speaks. */
export type VoiceProgram = (typeof voicePrograms)[number];

/** What planning needs to know of a voice package. */
export interface VoiceFacts {
  readonly program: VoiceProgram;
  /** Name of the voice that speaks when a script names none. */
  readonly voice: string;
  /** Names that a script may use; absent when the program decides. */
  readonly voices?: readonly string[];
}

/** A model set as the plan sees it. */
export interface ModelSetRef {
  readonly name: string;
  readonly packages: Readonly<Partial<Record<ModelRole, PackageRef>>>;
  /** Native frame size of the base model, pixels. */
  readonly native: { readonly width: number; readonly height: number };
  /** Further sizes of frames that all models of the set make as well, pixels; absent: none. */
  readonly shapes?: readonly { readonly width: number; readonly height: number }[];
  readonly latent: { readonly channels: number; readonly downscale: number };
  readonly denoisers: Readonly<Partial<Record<DenoiserRole, DenoiserFacts>>>;
  /** Absent when the set has none. */
  readonly enhancer?: EnhancerFacts;
  /** Absent when the upscaler of the set does not denoise. */
  readonly upscaler?: UpscalerFacts;
  /** Absent when the set has no voice. */
  readonly voice?: VoiceFacts;
}
