import type { VideoEncoding } from './encoding.ts';
import type { GateSettings } from './gate.ts';
import type { OutputFile } from './output-files.ts';
import type { ShotSounds, StorySound } from './sound.ts';

/**
 * The story script in its normal form: every shorthand spelled out, and every default filled in but two kinds. `parseScript` makes it
 * from YAML or JSON; nothing else does. It is JSON-plain, so it travels as workflow input. These defaults stay open:
 *
 * - What only the model set knows is `null` or absent: sampler, steps and guidance of a quality, the length of a clip, FreeInit. The
 *   plan fills it in.
 * - A key is absent where it asks for nothing but what films were before there was such a key: no captions, no bars, speed 1. So
 *   a script has the same normal form, and with it the same story id, in every release that knows its keys.
 */

/** What the pictures of the film are like: its size in pixels, its frames per second, and what becomes of clips, captions and codec. */
export interface OutputSettings {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Bars beside clips of another shape. Absent: they are cropped. */
  readonly fit?: 'pad';
  /** Captions are drawn into the picture. Absent: they are a track of the film. */
  readonly captions?: 'burn';
  /** Upscales without a model, by Lanczos. Absent: the upscaler of the model set. */
  readonly upscaler?: 'lanczos';
  /** Absent: as its segments are, H.264. */
  readonly encoding?: VideoEncoding;
}

/** The samplers of the denoising loop, by the names that scripts and manifests use. */
export const samplerKinds = [
  'ddim',
  'ddpm',
  'euler',
  'euler-ancestral',
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'heun',
  'unipc',
] as const;

/** A sampler of the denoising loop. */
export type SamplerKind = (typeof samplerKinds)[number];

/** How much work a clip gets; the model's manifest says what that means. */
export const qualities = ['draft', 'standard', 'high'] as const;

/** How much work a clip gets. */
export type Quality = (typeof qualities)[number];

/** FreeU's backbone and skip factors; four ones are the identity. */
export interface FreeUSettings {
  readonly b1: number;
  readonly b2: number;
  readonly s1: number;
  readonly s2: number;
}

/** FreeInit's low-pass filters. */
export const freeInitFilters = ['butterworth', 'gaussian', 'ideal', 'box'] as const;

/** How a clip is sampled again and again by FreeInit. */
export interface FreeInitSettings {
  /** How often the clip is sampled; the first time as without FreeInit. */
  readonly iterations: number;
  /** Which frequencies of the noise have seen the clip before. */
  readonly filter: (typeof freeInitFilters)[number];
  /** Steepness of a butterworth filter. */
  readonly order: number;
  /** Stop frequencies of the filter, shares of the highest ones. */
  readonly spatial: number;
  readonly temporal: number;
  /** Whether earlier iterations have fewer steps. */
  readonly coarseToFine: boolean;
}

/** What a script says of them; what it leaves out is the manifest's. */
export interface FreeInitChoice {
  readonly iterations?: number | undefined;
  readonly filter?: FreeInitSettings['filter'] | undefined;
  readonly order?: number | undefined;
  readonly spatial?: number | undefined;
  readonly temporal?: number | undefined;
  readonly coarseToFine?: boolean | undefined;
  /** The iteration that the shot shows, counted from 1; absent: the last. */
  readonly show?: number | undefined;
}

/** How one clip is sampled. `null` means: what the model's manifest says for this quality. */
export interface SamplingSettings {
  readonly seed: number;
  readonly quality: Quality;
  readonly sampler: SamplerKind | null;
  readonly steps: number | null;
  readonly guidance: number | null;
  /** Share of guidance rescale, 0 … 1. */
  readonly rescale: number | null;
  readonly negative: string;
  /** `true` takes the manifest's factors; `false` is the identity. */
  readonly freeu: boolean | FreeUSettings | null;
  /** `true` takes the manifest's settings. Absent: what the manifest says for this quality. */
  readonly freeinit?: boolean | FreeInitChoice;
  /** What is not said is as the authors of the model sample it. */
  readonly as?: 'paper';
}

/** Where the edge of a wipe goes. */
export const wipeDirections = ['right', 'left', 'down', 'up'] as const;

/** Where the edge of a wipe goes. */
export type WipeDirection = (typeof wipeDirections)[number];

/** How a shot joins the one before it. */
export type Join =
  | { readonly kind: 'cut' }
  /** SEINE prediction: the shot's first `known` latent frames are the last of the shot before. */
  | { readonly kind: 'continue'; readonly known: number }
  /** `seconds` absent: half a second, at 24 frames per second. */
  | { readonly kind: 'dissolve'; readonly seconds?: number }
  /** Through black. `seconds` absent: a second. */
  | { readonly kind: 'fade'; readonly seconds?: number }
  /** An edge that goes over the picture. `seconds` absent: half a second. */
  | { readonly kind: 'wipe'; readonly direction: WipeDirection; readonly seconds?: number }
  | { readonly kind: 'seine'; readonly prompt: string; readonly known: number; readonly seconds: number };

/** A picture that a script refers to. */
export interface PictureRef {
  /** How the script names it: a path, `s3://…` or `https://…`. */
  readonly source: string;
  /** Key of its upload in the artifact store; `null` until the picture was read. */
  readonly key: string | null;
}

/** Somebody or something that a script shows by a picture; prompts name it as `{name}`. */
export interface Subject {
  readonly name: string;
  /** What it is, in a word or two that the models know; they stand in the prompt for the name. */
  readonly word: string;
  readonly picture: PictureRef;
  /** Source of a picture that is white where the subject is and black elsewhere; the key of `picture` covers it. */
  readonly mask?: string;
}

/** A latent frame of a shot that the script gives as a picture. */
export interface GivenPicture {
  readonly frame: number;
  /** The key of the script that says so; `animate` is frame 0. */
  readonly from: 'animate' | 'keyframes';
  readonly picture: PictureRef;
}

/** A prompt, and where in the shot it is reached: 0 is the beginning and 1 the end. */
export interface PromptPlace {
  readonly at: number;
  readonly prompt: string;
}

/** FreeNoise's fusion of overlapping windows: frames in the middle of a window count more, or all alike. */
export interface FreeNoiseSettings {
  readonly weights: (typeof windowWeights)[number];
  /** Noise of the frames behind the first window; absent: that of the window, shuffled. */
  readonly noise?: (typeof longNoises)[number];
  /** Base frames that attention sees together; absent: those of a clip of the model. */
  readonly window?: number;
  /** Base frames from one window to the next; absent: 4. */
  readonly stride?: number;
}

/** How overlapping windows are mixed. */
export const windowWeights = ['pyramid', 'flat', 'sawtooth'] as const;

/** Where the noise of a long clip comes from. */
export const longNoises = ['shuffle', 'repeat', 'random'] as const;

/** How enhanced frames get back the colours of their source. */
export const colourFixes = ['wavelet', 'adain', 'none'] as const;

/** How the frames of a shot are enhanced by a generative model before they are upscaled. */
export interface EnhanceSettings {
  /** By how much frames are enlarged before the model works on them. */
  readonly scale: number;
  /** Frames made of one: 1 after interpolation, 2 to 8 of each key frame in place of it. */
  readonly time: number;
  /** How freely the model paints, above 0, up to 1. */
  readonly strength: number;
  readonly colour: (typeof colourFixes)[number];
  /** Noise on the frames that the model is shown, 0 … 300; absent: it follows from the strength. */
  readonly noise?: number;
  /** By how much the model is told that frames were enlarged; absent: what the set says, or `scale`. */
  readonly told?: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly sampler?: (typeof enhanceSamplers)[number];
  /** Words behind the prompt, and words to go away from; absent: those of the set. */
  readonly suffix?: string;
  readonly negative?: string;
  /** Share of the side of the set's tiles: less memory, and other pictures. */
  readonly tile?: (typeof enhanceTiles)[number];
}

/** The samplers of enhancers. */
export const enhanceSamplers = ['dpmpp-2m-sde', 'heun'] as const;

/** How large the tiles of an enhancer are. */
export const enhanceTiles = ['whole', 'half', 'quarter'] as const;

/** What was found in a clip of one's own. Its frames lie in the artifact store, in parts, at a constant rate. */
export interface FoundClip {
  /** Of its frames as they are stored, upright, pixels. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Frames per second, a fraction. */
  readonly rate: { readonly num: number; readonly den: number };
  /** Frames of each part but the last. */
  readonly partFrames: number;
  /** Keys of the uploads of its parts, in order. */
  readonly parts: readonly string[];
  /** Its sound: the key of the upload, and its length at 48 kHz. Absent when it has none, or is mute. */
  readonly sound?: { readonly key: string; readonly samples: number };
  /** What it was, for people: `1920x1080, 29.97 fps, hevc, turned clockwise`. */
  readonly was: string;
}

/** A clip of one's own that a shot shows. */
export interface OwnClip {
  /** How the script names it: the path of a file or a folder. */
  readonly source: string;
  /** Pictures per second of a folder; absent: as many as the film has. */
  readonly fps?: number;
  /** Its sound is left out. */
  readonly mute?: true;
  /** `null` until it was read. */
  readonly found: FoundClip | null;
}

/** Words on a picture of their own: a title, an end, a change of place. */
export interface Card {
  readonly text: string;
  readonly subtitle?: string;
  readonly seconds: number;
  /** `#rrggbb` */
  readonly background: string;
  /** Seconds from black, and to black. */
  readonly fade: number;
}

/** Words over the picture of a shot. */
export interface ShotCaption {
  /** Line breaks are kept. */
  readonly text: string;
  /** Seconds from the first frame of the shot. Absent: when the shot is seen alone. */
  readonly at?: number;
  /** Absent: until the next one comes, or as long as the shot is seen alone. */
  readonly until?: number;
}

/** One shot of the story. */
export interface Shot extends ShotSounds {
  readonly id: string;
  /** What it shows; of several prompts the first. `{name}` stands for a subject of the story. Of a clip of one's own it may be empty. */
  readonly prompt: string;
  /** The clip of one's own that it shows; absent when its clip is made. */
  readonly clip?: OwnClip;
  /** Several prompts, rising from place 0. Absent: the one prompt for the whole shot. */
  readonly prompts?: readonly PromptPlace[];
  /** How long it lasts, to the frame. Absent: one clip of the model for each prompt. */
  readonly seconds?: number;
  /** What is left out of the beginning of its clip, seconds as it plays; absent: nothing. */
  readonly from?: number;
  /** How fast it plays; absent: 1, as the model made it. */
  readonly speed?: number;
  /** How a shot that is longer than one clip of the model is made: by FreeNoise when absent, `false` in one window. */
  readonly freenoise?: false | FreeNoiseSettings;
  readonly sampling: SamplingSettings;
  /** Absent: not enhanced. */
  readonly enhance?: EnhanceSettings;
  /** Frames that are known as pictures, each frame once; absent when there are none. */
  readonly pictures?: readonly GivenPicture[];
  /** A card before it; absent when there is none. */
  readonly card?: Card;
  /** Captions in the order in which they come; absent when there are none. */
  readonly captions?: readonly ShotCaption[];
  /** What its clip must reach before it is upscaled; absent when nothing is asked. */
  readonly gate?: GateSettings;
  /** What stays of it when the film crops it: 0 its left or top end, 1 the other. Absent: the middle. */
  readonly focus?: number;
  /** How this shot joins the one before; `null` for the first shot. */
  readonly join: Join | null;
}

/** Alternatives of a model set, by the role that they take over. */
export interface ModelChoice {
  readonly base?: string;
  /** Name of an upscaler package, which stands in for that of the set. */
  readonly upscale?: string;
  /** Name of a voice package, which stands in for that of the set. */
  readonly voice?: string;
}

/** A whole story. */
export interface StoryScript extends StorySound {
  readonly title: string;
  /** What the film is about. */
  readonly description?: string;
  /** Language of the film, a tag of BCP 47. */
  readonly language?: string;
  readonly output: OutputSettings;
  /** Further files; absent when there are none. */
  readonly outputs?: readonly OutputFile[];
  /** Name of the model set. */
  readonly models: string;
  /** Which alternatives of the set the story takes, by role; absent when none. */
  readonly alternatives?: ModelChoice;
  /** Cards before the first shot and after the last; absent when there are none. */
  readonly opening?: Card;
  readonly closing?: Card;
  /** What the story shows by pictures; absent when nothing. */
  readonly subjects?: readonly Subject[];
  readonly shots: readonly Shot[];
}
