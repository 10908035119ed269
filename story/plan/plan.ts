import type {
  BaseTask,
  BurnTask,
  CardTask,
  CompletionTask,
  DissolveTask,
  EncodeTask,
  EnhanceTask,
  FilmTask,
  InterpTask,
  MixLook,
  MixTask,
  PictureTask,
  PreviewTask,
  SegmentTask,
  SoundTask,
  SpeechTask,
  StageTask,
  TransitionTask,
} from './task.ts';
import type { VideoCodec } from '../script/encoding.ts';
import type { OutputSettings } from '../script/script.ts';

/** What every shot has. */
interface PlannedShot {
  readonly kind: 'shot';
  readonly id: string;
  readonly index: number;
  /** What it shows, for people: several prompts are joined by arrows; the file of a clip that is there. */
  readonly prompt: string;
  /** The frames of each segment, enhanced, in the order of the segments; absent when they are upscaled as they are. */
  readonly enhance?: readonly EnhanceTask[];
  readonly segments: readonly SegmentTask[];
}

/** What a shot needs whose clip is made: the clip, then interpolation, then its segments (which do not depend on each other). */
export interface MadeShot extends PlannedShot {
  /** Id of the shot that this one continues; absent when it begins anew. */
  readonly continues?: string;
  /** Its known pictures by frame; absent when there are none. Frames with the same picture share a task. */
  readonly pictures?: readonly { readonly frame: number; readonly source: string; readonly task: PictureTask }[];
  /** Name of the subject that it shows; absent when it is made from words alone. */
  readonly subject?: string;
  readonly base: BaseTask | CompletionTask;
  /** FreeInit's iterations before `base`, in order; absent without FreeInit. */
  readonly earlier?: readonly BaseTask[];
  readonly interp: InterpTask;
  /** What counts of its clip, when it is shorter than that. */
  readonly cut?: ShotCut;
  /** Set when nothing reads the interpolated clip, because the enhancer makes the frames between the key frames. */
  readonly skipsInterp?: true;
}

/** What a shot needs that shows a clip of one's own: its segments, and its ends for what goes on from it or leads to it. */
export interface FootageShot extends PlannedShot {
  readonly footage: {
    /** How the script names it. */
    readonly source: string;
    /** What it was, and how it is brought to the film, for people. */
    readonly words: string;
    /** Its last frames as latents, and its first; each absent when nothing needs it. */
    readonly last?: EncodeTask;
    readonly first?: EncodeTask;
  };
}

/** What one shot needs. */
export type ShotPlan = MadeShot | FootageShot;

/** Whether the clip of a shot is made. */
export function isMade(shot: ShotPlan): shot is MadeShot {
  return 'base' in shot;
}

/** The shots of a plan whose clips are made. */
export function madeShots({ shots }: Pick<StoryPlan, 'shots'>): MadeShot[] {
  return shots.filter(isMade);
}

/** The beginning of a clip, which a shot shows and the items behind it go on from. */
export interface ShotCut {
  /** Frames of the clip that count. */
  readonly frames: number;
  /** Keys among them. */
  readonly keys: number;
  /** Frames behind the last of these keys, which the next item shows when it goes on from a key. */
  readonly lent: number;
}

/** What one join needs. A cut needs nothing and has no plan. */
export interface JoinPlan {
  readonly kind: 'join';
  /** `<before>+<after>`, the ids of its shots. */
  readonly id: string;
  readonly index: number;
  readonly before: string;
  readonly after: string;
  readonly work:
    | { readonly kind: 'seine'; readonly transition: TransitionTask; readonly interp: InterpTask }
    | { readonly kind: 'dissolve'; readonly dissolve: DissolveTask }
    /** Between clips of different sizes: what both shots lend it, as segments and what those are made of. */
    | { readonly kind: 'mix'; readonly look?: MixLook; readonly lent: readonly (EnhanceTask | SegmentTask)[] };
  readonly skipsInterp?: true;
  readonly enhance?: readonly EnhanceTask[];
  readonly segments: readonly (SegmentTask | MixTask)[];
}

/** A card: words on a picture of their own. */
export interface CardPlan {
  readonly kind: 'card';
  /** `opening`, `closing`, or `before-<shot>`. */
  readonly id: string;
  readonly segments: readonly CardTask[];
}

/** A segment with captions burnt in, and the shot or join that it belongs to. */
export interface PlannedBurn {
  readonly item: string;
  readonly task: BurnTask;
}

/** A run of film frames and where they come from. */
export interface TimelineEntry {
  readonly item: string;
  readonly kind: 'shot' | 'join' | 'card';
  /** First film frame of the run. */
  readonly firstFrame: number;
  readonly numFrames: number;
  /** Of a shot that lends frames to its joins: its frames with those. */
  readonly ofFrames?: number;
}

/** A further file of a story. */
export interface OutputPlan {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly codec: VideoCodec | PreviewTask['params']['codec'];
  /** Name of the stream that it is a size of; absent: a file of its own. */
  readonly stream?: string;
  /** Its captions are in its pictures. */
  readonly burns?: true;
  readonly task: FilmTask | PreviewTask;
}

/** What the sound of a film needs: the words of its voices, then the mix. */
export interface SoundPlan {
  /** Each once, however often it is heard. */
  readonly speech: readonly SpeechTask[];
  readonly mix: SoundTask;
}

/** A whole story, planned: every artifact key is known before any work is done. */
export interface StoryPlan {
  readonly title: string;
  readonly slug: string;
  /** First 12 hex digits of the script's hash. */
  readonly scriptHash: string;
  readonly output: OutputSettings;
  readonly shots: readonly ShotPlan[];
  readonly joins: readonly JoinPlan[];
  /** Absent when there are none. */
  readonly cards?: readonly CardPlan[];
  /** Absent when no captions are burnt in. */
  readonly burns?: readonly PlannedBurn[];
  /** What is encoded or drawn anew for the film's codec and for further files; absent when nothing is. */
  readonly renditions?: readonly PlannedTask[];
  /** Absent when there are none. */
  readonly outputs?: readonly OutputPlan[];
  readonly timeline: readonly TimelineEntry[];
  /** Absent when the film has no sound. */
  readonly sound?: SoundPlan;
  readonly film: FilmTask;
  readonly numFrames: number;
  readonly seconds: number;
}

/** A task and the item it belongs to: `shot dawn`, `join dawn+storm`, `sound`, `output small` or `film`. */
export interface PlannedTask {
  readonly item: string;
  readonly task: StageTask;
}
