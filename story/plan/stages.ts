import { isUpload } from './task.ts';
import type { ArtifactKind, StageName } from './task.ts';

/** The worker pools, in the order in which a clip meets them. */
export const pools = ['base', 'interp', 'sr', 'edit'] as const;

/** A worker pool. */
export type Pool = (typeof pools)[number];

/** The steps of a shot or join that people watch, as their views call them. */
export const columns = ['clip', 'interp', 'segments'] as const;

/** A step that people watch. */
export type Column = (typeof columns)[number];

/** How an artifact is stored; its file extension. */
export type ArtifactFormat = 'safetensors' | 'mp4' | 'json' | 'flac' | 'image';

/** What a stage is to all that runs, stores or shows it. */
interface StageFacts {
  /**
   * Version of the stage's code. Raise it when the stage makes other bytes from the same task: every artifact made by the code
   * before stops being found, and everything that depends on it gets a new key as well.
   */
  readonly version: number;
  /** The pool that runs it. */
  readonly pool: Pool;
  /** Its activity. Recorded histories carry the name. */
  readonly activity: string;
  readonly artifact: ArtifactFormat;
  /** Where its progress is shown; `null` where that of its item is enough. */
  readonly column: Column | null;
}

/** The table of stages. Time-outs and ranks are in `workflows/stages.ts`, costs in `estimate.ts`, each with its reason. */
export const stages = {
  base: { version: 1, pool: 'base', activity: 'generateBaseClip', artifact: 'safetensors', column: 'clip' },
  // It takes seconds. The clip that waits for it has the column.
  picture: { version: 1, pool: 'base', activity: 'encodePicture', artifact: 'safetensors', column: null },
  // It takes seconds, and only a clip of one's own has it: it is shown as the clip.
  encode: { version: 1, pool: 'base', activity: 'encodeFrames', artifact: 'safetensors', column: 'clip' },
  completion: { version: 1, pool: 'base', activity: 'completeClip', artifact: 'safetensors', column: 'clip' },
  transition: { version: 1, pool: 'base', activity: 'generateTransition', artifact: 'safetensors', column: 'clip' },
  interp: { version: 1, pool: 'interp', activity: 'interpolateClip', artifact: 'safetensors', column: 'interp' },
  // Only campaigns ask for it, and they show no columns.
  decode: { version: 1, pool: 'interp', activity: 'decodeClip', artifact: 'safetensors', column: null },
  dissolve: { version: 1, pool: 'edit', activity: 'dissolveClips', artifact: 'safetensors', column: 'interp' },
  enhance: { version: 1, pool: 'sr', activity: 'enhanceClip', artifact: 'safetensors', column: 'segments' },
  // It upscales and encodes; what enhances is `enhanceClip`. The name is from before that stage, and histories keep it.
  segment: { version: 1, pool: 'sr', activity: 'enhanceSegment', artifact: 'mp4', column: 'segments' },
  mix: { version: 1, pool: 'edit', activity: 'mixClips', artifact: 'mp4', column: 'segments' },
  burn: { version: 1, pool: 'edit', activity: 'burnCaptions', artifact: 'mp4', column: 'segments' },
  card: { version: 1, pool: 'edit', activity: 'drawCard', artifact: 'mp4', column: 'segments' },
  // Speech and sound make the film's sound, which has a line of its own.
  speech: { version: 1, pool: 'edit', activity: 'speakText', artifact: 'flac', column: 'clip' },
  // 2: AAC by the coder that is made for its rate.
  sound: { version: 2, pool: 'edit', activity: 'mixSound', artifact: 'mp4', column: 'segments' },
  // Encoding takes cores, which the machines of this pool have: the edit pool may be one small host.
  rendition: { version: 1, pool: 'sr', activity: 'makeRendition', artifact: 'mp4', column: 'segments' },
  film: { version: 1, pool: 'edit', activity: 'stitchSegments', artifact: 'mp4', column: 'segments' },
  // The task says whether it is a GIF or a WebP.
  preview: { version: 1, pool: 'edit', activity: 'makePreview', artifact: 'image', column: 'segments' },
  // It takes a second after the clip. The manifest has what came of it.
  measure: { version: 2, pool: 'interp', activity: 'measureClip', artifact: 'json', column: null },
} as const satisfies Readonly<Record<StageName, StageFacts>>;

/** How the artifacts of a kind are stored. */
export function formatOf(kind: ArtifactKind): ArtifactFormat {
  if (!isUpload(kind)) return stages[kind].artifact;
  return { upload: 'safetensors', recording: 'flac', footage: 'mp4' }[kind] as ArtifactFormat;
}

/** The stages, in the order of the table. */
export const stageNames = Object.keys(stages) as StageName[];

/** The stages of a pool. */
export type StageOf<Of extends Pool> = {
  [Stage in StageName]: (typeof stages)[Stage]['pool'] extends Of ? Stage : never;
}[StageName];
