import type {
  EnhanceSettings,
  FreeInitSettings,
  FreeNoiseSettings,
  FreeUSettings,
  PromptPlace,
  SamplerKind,
  WipeDirection,
} from '../script/script.ts';
import type { Questions } from '../models/questions.ts';
import type { ModelRole, PackageRef, VoiceProgram } from '../models/model-set.ts';
import type { AudioSettings } from '../script/sound.ts';
import type { VideoCodec, VideoEncoding } from '../script/encoding.ts';
import type { Framing } from './framing.ts';

/** What people uploaded, which no task can make again: pictures, sounds and parts of clips. */
export type UploadKind = 'upload' | 'recording' | 'footage';

/** What artifacts there are: those of each stage, and uploads. */
export type ArtifactKind = StageName | UploadKind;

/** Whether an artifact is the upload of somebody. */
export function isUpload(kind: ArtifactKind): kind is UploadKind {
  return kind === 'upload' || kind === 'recording' || kind === 'footage';
}

/** What names an artifact: the stage and key of its task, or the key of an upload. A task is a name, too. */
export interface ArtifactName {
  readonly stage: ArtifactKind;
  readonly key: string;
}

/**
 * A task is one unit of stage work and the recipe of one artifact. Its `key` is the hash of everything that decides the
 * bytes: stage, stage version, parameters, model packages and the keys of the inputs. Same key, same artifact: that rule
 * alone gives incremental renders, idempotent retries and crash recovery.
 */
interface TaskOf<Stage extends string, Params> {
  readonly stage: Stage;
  /** Version of the stage's code; raised when its output changes. */
  readonly stageVersion: number;
  /** Artifact key, 64 hex digits. */
  readonly key: string;
  readonly params: Params;
  /** The artifacts that it reads, in the order the stage documents; uploads come last. */
  readonly inputs: readonly ArtifactName[];
  readonly packages: Readonly<Partial<Record<ModelRole, PackageRef>>>;
}

/** Overlapping runs of frames: how long each is, and how far one begins after the other. */
export interface FrameWindows {
  readonly length: number;
  readonly stride: number;
}

/** Everything that decides the samples of one denoising loop. */
export interface DenoiseParams {
  /** With a subject, the words that its picture speaks for stand in braces: `a {boat} sails`. */
  readonly prompt: string;
  /** Several prompts by place in the clip; `prompt` is the first. */
  readonly prompts?: readonly PromptPlace[];
  readonly negative: string;
  /** Seed of the counter-based generator; the stage name and step are its further keys. */
  readonly seed: number;
  readonly sampler: SamplerKind;
  readonly steps: number;
  readonly guidance: number;
  /** Share of guidance rescale, 0 … 1. */
  readonly rescale: number;
  readonly freeu: FreeUSettings;
  /** Frames of the clip that the loop makes. */
  readonly frames: number;
  /** Latent size, cells. */
  readonly latentWidth: number;
  readonly latentHeight: number;
  /** FreeNoise, for clips longer than the model's: noise of one window is spread over all, attention sees one at a time. */
  readonly freenoise?: FrameWindows & Pick<FreeNoiseSettings, 'weights' | 'noise'>;
  /** The rest of the sampler is that of the model's authors. */
  readonly as?: 'paper';
  /** Key of the upload of the subject's picture, cut out; base clips alone. */
  readonly subject?: string;
  /** Chunks that an interpolation of a long clip is made in, with a key frame in common. */
  readonly chunks?: FrameWindows;
}

/** A later iteration of FreeInit, counted from 1: what its noise keeps of the clip before. */
export interface FreeInitIteration extends Pick<FreeInitSettings, 'filter' | 'spatial' | 'temporal'> {
  readonly iteration: number;
  readonly order?: number;
}

/** Parameters of a base clip. */
export interface BaseParams extends DenoiseParams {
  readonly freeinit?: FreeInitIteration;
}

/**
 * Text to latents `[1, C, F, h, w]`, of a clip of the model or longer. Inputs: of a later FreeInit iteration the one before;
 * with a subject its upload. Packages: text, base; with a subject text, vae, subject.
 */
export type BaseTask = TaskOf<'base', BaseParams>;

/**
 * SEINE transition: the last `known` latents of the first input and the first `known` of the second are kept, the rest is
 * made. Latents `[1, C, F, h, w]`, F of one clip of the model. Inputs: what has the latents of the shot before, then of the shot
 * after: base or completion, of a clip of one's own encode. Packages: text, transition.
 */
export type TransitionTask = TaskOf<
  'transition',
  DenoiseParams & {
    readonly known: number;
    /** Frames of the first input that count, when its shot is cut; absent: all. */
    readonly ofFirst?: number;
  }
>;

/**
 * A picture of the script as latents of one frame, `[1, C, 1, h, w]`: the largest part of that shape in its middle, or of the part
 * of it that the film shows. Input: the upload that `picture` is the key of. Packages: vae.
 */
export type PictureTask = TaskOf<
  'picture',
  {
    readonly picture: string;
    /** Pixels. */
    readonly width: number;
    readonly height: number;
    /** The film that crops the clip: the picture fills the part that it shows. Absent: the clip has the shape of the film. */
    readonly shown?: { readonly width: number; readonly height: number; readonly focus: number };
  }
>;

/** Which parts of a clip of one's own a task reads; they are its inputs, in order. Frames count from the beginning of the clip. */
export interface FootageParts {
  /** Frame that the first of these parts begins with. */
  readonly first: number;
  /** Frames of each part but the clip's last. */
  readonly length: number;
  /** Frames of the whole clip. */
  readonly frames: number;
  /** Keys of their uploads. */
  readonly keys: readonly string[];
}

/**
 * Frames of a clip of one's own as latents, `[1, C, F, h, w]`, for what goes on from them or leads to them. Inputs: the uploads in
 * `footage`. Packages: vae.
 */
export type EncodeTask = TaskOf<
  'encode',
  {
    readonly footage: FootageParts;
    /** Frames of the clip, in order, and how many they are. */
    readonly of: readonly number[];
    readonly frames: number;
    /** Pixels. */
    readonly width: number;
    readonly height: number;
    /** The film that crops the clip, as in {@link PictureTask}. */
    readonly shown: { readonly width: number; readonly height: number; readonly focus: number };
  }
>;

/** A frame of a clip that is given before the clip is made. */
export interface KnownFrame {
  /** Frame of the clip that is made. */
  readonly frame: number;
  /** Index of the task's input that has it. */
  readonly input: number;
  /** Frame of that input. */
  readonly from: number;
}

/**
 * SEINE prediction, animation and interpolation: the known frames are kept, the rest is made. Latents `[1, C, F, h, w]`, F of one
 * clip of the model. Inputs: whatever `known` refers to. Packages: text, transition.
 */
export type CompletionTask = TaskOf<'completion', DenoiseParams & { readonly known: readonly KnownFrame[] }>;

/** Latents of F frames to decoded frames `[4·(F−1)+1, 3, H, W]` uint8, 61 of 16. Input: base, completion or transition. Packages: text, interp, vae. */
export type InterpTask = TaskOf<'interp', DenoiseParams>;

/** Latents of a clip to its frames, nothing made between them: `[F, 3, H, W]` uint8. Input: base or completion. Packages: vae. */
export type DecodeTask = TaskOf<'decode', Pick<DenoiseParams, 'frames' | 'latentWidth' | 'latentHeight'>>;

/** How two clips are mixed when they do not dissolve. */
export type MixLook = { readonly kind: 'fade' } | { readonly kind: 'wipe'; readonly direction: WipeDirection };

/** A dissolve between two interpolated clips is made of frames, not of latents: `[count, 3, H, W]` uint8. Inputs: interp A, interp B. */
export type DissolveTask = TaskOf<
  'dissolve',
  {
    readonly frames: number;
    /** Frames of the first input that count, when its shot is cut; absent: all. */
    readonly ofFirst?: number;
    /** How the frames follow both clips, where that is not frame by frame. */
    readonly paces?: readonly [Pace, Pace];
    /** Absent: they dissolve. A fade has as many frames as both paces together, a wipe as each. */
    readonly look?: MixLook;
  }
>;

/**
 * Frames `from … from+count−1` of a clip, enhanced: `[count, 3, H, W]` uint8, `scale` times the size of the clip's. Input: interp
 * or dissolve; with a `keyStep` above 1 the clip's key frames, base, completion or transition. Packages: text, vae, enhance.
 */
export type EnhanceTask = TaskOf<
  'enhance',
  {
    readonly prompt: string;
    readonly prompts?: readonly PromptPlace[];
    readonly negative: string;
    readonly seed: number;
    readonly sampler: SamplerKind;
    readonly steps: number;
    /** VEnhancer's list of steps, close together near the end. Absent: evenly spread ones. */
    readonly list?: 'fast';
    readonly guidance: number;
    readonly rescale: number;
    readonly scale: number;
    /** By how much the model is told that frames were enlarged; absent: `scale`. */
    readonly told?: number;
    /** Runs as VEnhancer's own code; absent: as before there was a choice. */
    readonly loop?: 'venhancer';
    /** Cells of a tile that the model sees at once; absent: 64 by 36. */
    readonly tile?: { readonly width: number; readonly height: number };
    /** Timestep that the enlarged frames are noised to before they are painted again. */
    readonly start: number;
    /** Timestep of the noise on the hints. */
    readonly hintNoise: number;
    /** All frames get the same noise. Absent: each its own. */
    readonly sharedNoise?: true;
    readonly colour: EnhanceSettings['colour'];
    /** Frames from one key frame to the next: 1 when every frame is given. */
    readonly keyStep: number;
    /** Frames of the model's time chunks. */
    readonly chunk: number;
    /** Frames of the whole clip. */
    readonly frames: number;
    readonly from: number;
    readonly count: number;
    /** Of a clip of one's own, whose parts are the inputs. */
    readonly footage?: FootageParts;
  }
>;

/** A run of frames that follows its clip at another pace: frame v of it is frame `origin + round((first + v) · num / den)`. */
export interface Pace {
  readonly origin: number;
  readonly first: number;
  readonly num: number;
  readonly den: number;
  /** Frames of the run. */
  readonly frames: number;
}

/** How the frames of a clip are upscaled by a model that denoises; the clip is the input of the segment. */
export interface UpscaleParams extends Pick<
  DenoiseParams,
  'prompt' | 'prompts' | 'negative' | 'seed' | 'sampler' | 'steps' | 'guidance' | 'rescale'
> {
  /** Timestep of the noise on the frames that the model is shown. */
  readonly noiseLevel: number;
  /** Frames of the model's time chunks. */
  readonly chunk: number;
  /** Frames of the whole clip. */
  readonly frames: number;
}

/**
 * Frames `from … from+count−1` of a clip, upscaled to the film's size and encoded as one closed-GOP H.264 segment (MP4).
 * Input: interp, dissolve or enhance, or the uploads in `footage`. Packages: upscale; none with an `upscaler`.
 */
export type SegmentTask = TaskOf<
  'segment',
  {
    readonly from: number;
    readonly count: number;
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    /** `from` and `count` are of the run that follows the clip so; absent: of the clip. */
    readonly pace?: Pace;
    /** Absent: the clip has the shape of the film. */
    readonly framing?: Framing;
    /** `none`: the part of the clip that the film shows has its size. */
    readonly upscaler?: 'lanczos' | 'none';
    /** Of a clip of one's own, whose parts are the inputs. */
    readonly footage?: FootageParts;
    /** Present when the upscaler of the set denoises. */
    readonly diffusion?: UpscaleParams;
  }
>;

/**
 * Frames of a join between clips of different sizes: both sides were brought to the film as segments and are mixed there, and encoded once
 * more. Inputs: a segment of the shot before and one of the shot after, of as many frames; of a fade one of them.
 */
export type MixTask = TaskOf<
  'mix',
  {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    /** Frames of the join on this side of its middle, of a fade; else of the whole join. */
    readonly frames: number;
    /** Which of them the segment begins with. */
    readonly from: number;
    readonly count: number;
    /** Whose frames it has. */
    readonly sides: 'both' | 'before' | 'after';
    /** Absent: they dissolve. */
    readonly look?: MixLook;
  }
>;

/** Words over a run of frames; frames count from 0. */
export interface BurntCue {
  readonly from: number;
  /** Frame behind the last one. */
  readonly until: number;
  readonly text: string;
}

/** A segment with captions in its pictures, encoded again. Input: segment. */
export type BurnTask = TaskOf<
  'burn',
  {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    readonly cues: readonly BurntCue[];
    readonly language?: string;
  }
>;

/** Frames `from … from+count−1` of a card of `frames`, drawn at the size of the film. No input. */
export type CardTask = TaskOf<
  'card',
  {
    readonly text: string;
    readonly subtitle?: string;
    readonly background: string;
    readonly language?: string;
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    /** Frames of the whole card, and of its way from black and to black. */
    readonly frames: number;
    readonly fade: number;
    readonly from: number;
    readonly count: number;
  }
>;

/** Words to the sound of a voice, one channel. Packages: voice. */
export type SpeechTask = TaskOf<
  'speech',
  {
    readonly text: string;
    readonly program: VoiceProgram;
    /** Name of the voice, as its program knows it. */
    readonly voice: string;
    /** How fast it speaks; 1 is as it does by itself. */
    readonly speed: number;
  }
>;

/** A sound in the film: what of it is heard, where and how. All in samples at 48 kHz. */
export interface SoundCue {
  /** What it is: other sounds go down under a voice. */
  readonly kind: 'music' | 'scene' | 'voice';
  /** Index of the task's input that has it. */
  readonly input: number;
  /** Its first sample that is heard. */
  readonly from: number;
  /** Where in the film that one is. */
  readonly at: number;
  /** How long it may be heard; it may end by itself before. */
  readonly length: number;
  /** Factor. */
  readonly volume: number;
  /** How long it takes to come from its first sample on, and to go at the end of `length`. */
  readonly fadeIn: number;
  readonly fadeOut: number;
  /** Begins again, from `from`, when it ends before `length`. */
  readonly loop?: true;
}

/**
 * All that a film sounds like, mixed, made as loud as it shall be, and coded: stereo at 48 kHz, as long as the film. Inputs: speech, and
 * uploads of sounds.
 */
export type SoundTask = TaskOf<
  'sound',
  {
    readonly frames: number;
    readonly fps: number;
    readonly cues: readonly SoundCue[];
    readonly codec: AudioSettings['codec'];
    /** LUFS; `null` leaves it as it is. */
    readonly loudness: number | null;
    /** Decibels that music and scenes go down by under a voice. */
    readonly duck: number;
  }
>;

/**
 * A segment or card in another size, shape or codec, with captions in its pictures where it has cues. No model works for it. Input: segment
 * or card.
 */
export type RenditionTask = TaskOf<
  'rendition',
  VideoEncoding & {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    /** Absent: the input has the shape of the rendition. */
    readonly framing?: Framing;
    /** Absent: no words. */
    readonly cues?: readonly BurntCue[];
    readonly language?: string;
  }
>;

/**
 * All segments in film order to one fast-start MP4 (of ProRes MOV), by remux, with the sound that is its last input, if there is one. Inputs:
 * segment, burn, card or rendition, then sound.
 */
export type FilmTask = TaskOf<
  'film',
  {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    /** Absent: H.264. */
    readonly codec?: VideoCodec;
    /** In fragments, one for each piece, without sound: a track of a stream. */
    readonly fragments?: true;
  }
>;

/** The film as a small moving picture without sound, `frames` at `fps`. Inputs: what its film is made of, in order. */
export type PreviewTask = TaskOf<
  'preview',
  {
    readonly codec: 'gif' | 'webp';
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    /** Frames per second of the film, and its frames. */
    readonly filmFps: number;
    readonly filmFrames: number;
  }
>;

/**
 * A clip looked at: its scores in the dimensions that need no labels, and what was seen in it (JSON); and the answers to
 * what models that read words were asked. Input: interp or decode.
 * Packages, each where the set has it: probe, detector, features, image-text, aesthetic, imaging, flow, finder, and text for the words of the
 * prompt.
 */
export type MeasureTask = TaskOf<
  'measure',
  {
    /** What the clip should show. */
    readonly prompt: string;
    /** Of the clip, not of the film. */
    readonly fps: number;
    readonly frames: number;
    /** Absent when no model of the set is asked anything. */
    readonly asked?: Questions;
  }
>;

/** Any task. */
export type StageTask =
  | BaseTask
  | PictureTask
  | EncodeTask
  | CompletionTask
  | TransitionTask
  | InterpTask
  | DecodeTask
  | DissolveTask
  | EnhanceTask
  | SegmentTask
  | MixTask
  | BurnTask
  | CardTask
  | SpeechTask
  | SoundTask
  | RenditionTask
  | FilmTask
  | PreviewTask
  | MeasureTask;

/** Name of a stage. */
export type StageName = StageTask['stage'];

/** The name of a task's artifact, alone. */
export function nameOf({ stage, key }: ArtifactName): ArtifactName {
  return { stage, key };
}

/** Keys of what a task reads of other tasks. */
export function madeInputs({ inputs }: Pick<StageTask, 'inputs'>): readonly string[] {
  return inputs.filter(({ stage }) => !isUpload(stage)).map(({ key }) => key);
}
