import { frameAt } from './frame-runs.ts';
import type { FilmSpan } from './frame-runs.ts';
import { framingOf } from './framing.ts';
import type { FocusRun, Framing } from './framing.ts';
import type { ClipSettings } from './clip-settings.ts';
import type { EnhanceParams } from './enhance-settings.ts';
import type { ShotPlan } from './plan.ts';
import type { OutputSettings } from '../script/script.ts';
import { cutIntoSegments } from './segments.ts';
import type { FrameRun } from './segments.ts';
import { taskOf } from './task-key.ts';
import { type ArtifactName, type EnhanceTask, nameOf, type Pace, type SegmentTask } from './task.ts';
import { wordsAt } from './upscale-settings.ts';
import type { UpscaleWords } from './upscale-settings.ts';

/** A clip that segments are cut from. */
export interface SegmentSource {
  /** The artifact with its frames, or with its key frames when the enhancer makes those between. */
  readonly made: ArtifactName;
  /** Frames of the clip. */
  readonly frames: number;
  /** How it is enhanced; `null` when it is upscaled as it is. */
  readonly enhance: EnhanceParams | null;
  /** What an upscaler that denoises is told. */
  readonly words: UpscaleWords;
  /** Where the film looks when it crops the clip, at the beginning and the end of the run. */
  readonly focus: FocusRun;
}

/**
 * The tasks of a run of film frames: segments, and before each of them, when the clip is enhanced, its frames. An enhanced
 * segment looks at frames of its neighbours too, as far as the clip has them, and drops them; no task waits for another.
 */
export function planSegments(
  clip: SegmentSource,
  { run, pace }: FilmSpan,
  output: OutputSettings,
  clips: ClipSettings,
): Pick<ShotPlan, 'segments' | 'enhance'> {
  const pieces = cutIntoSegments(run);
  const framings = pieces.map(({ from }) =>
    framingOf(clips.native, output, clip.focus, { frames: run.count, first: from - run.from }),
  );
  if (clip.enhance === null) {
    const paced = pace === undefined ? {} : { pace };
    // An upscaler that denoises counts frames of the run.
    const source = pace === undefined ? clip : { ...clip, frames: pace.frames };
    const segments = pieces.map((piece, index) =>
      segment(source, { ...piece, ...paced, ...framings[index] }, output, clips),
    );
    return { segments };
  }
  const shared = { ...clip.enhance, frames: clip.frames };
  const packages = clips.packages('text', 'vae', 'enhance');
  const enhance = pieces.map((piece) => {
    const params = { ...shared, ...framesUnder(piece, pace) };
    return taskOf<EnhanceTask>({ stage: 'enhance', params, inputs: [clip.made], packages });
  });
  const segments = enhance.map((task, index) => {
    const { from, count } = task.params;
    const piece = pieces[index] ?? { from, count };
    const words = wordsAt(clip.words, (from + count / 2) / clip.frames);
    const source = { made: nameOf(task), frames: piece.count, words };
    const paced =
      pace === undefined
        ? {}
        : { pace: { ...pace, origin: pace.origin - from, first: pace.first + piece.from, frames: piece.count } };
    return segment(source, { from: 0, count: piece.count, ...paced, ...framings[index] }, output, clips);
  });
  return { enhance, segments };
}

function segment(
  { made, frames, words }: Pick<SegmentSource, 'made' | 'frames' | 'words'>,
  { from, count, pace, framing }: FrameRun & { readonly pace?: Pace; readonly framing?: Framing },
  output: OutputSettings,
  clips: ClipSettings,
): SegmentTask {
  const { width, height, fps, upscaler } = output;
  const diffusion = upscaler === undefined ? clips.upscale(words) : null;
  return taskOf<SegmentTask>({
    stage: 'segment',
    params: {
      from,
      count,
      width,
      height,
      fps,
      ...(pace === undefined ? {} : { pace }),
      ...(framing === undefined ? {} : { framing }),
      ...(upscaler === undefined ? {} : { upscaler }),
      ...(diffusion === null ? {} : { diffusion: { ...diffusion, frames } }),
    },
    inputs: [made],
    packages: upscaler === undefined ? clips.packages('upscale') : {},
  });
}

/** The frames of the clip that a piece of a run shows, and those between them. */
function framesUnder(piece: FrameRun, pace: Pace | undefined): FrameRun {
  if (pace === undefined) return piece;
  const from = frameAt(pace, piece.from);
  return { from, count: frameAt(pace, piece.from + piece.count - 1) - from + 1 };
}
