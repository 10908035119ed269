import { fillsFilm, partsWith, segmentLength } from './footage.ts';
import { frameAt, interpolatedFrames } from './frame-runs.ts';
import type { FilmSpan } from './frame-runs.ts';
import { framingOf } from './framing.ts';
import type { FocusRun, Framing } from './framing.ts';
import type { ClipSettings } from './clip-settings.ts';
import type { EnhanceParams } from './enhance-settings.ts';
import type { ShotPlan } from './plan.ts';
import type { Size } from '../script/output-size.ts';
import type { FoundClip, OutputSettings } from '../script/script.ts';
import { cutIntoSegments, segmentFrames } from './segments.ts';
import type { FrameRun } from './segments.ts';
import { taskOf } from './task-key.ts';
import { type ArtifactName, type EnhanceTask, type FootageParts, nameOf, type Pace, type SegmentTask } from './task.ts';
import { wordsAt } from './upscale-settings.ts';
import type { UpscaleWords } from './upscale-settings.ts';

/** A clip that segments are cut from. */
export interface SegmentSource {
  /** The artifact with its frames, or with its key frames when the enhancer makes those between; or a clip of one's own. */
  readonly made: ArtifactName | FoundClip;
  /** Size of its frames, pixels. */
  readonly size: Size;
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
  source: SegmentSource,
  span: FilmSpan,
  output: OutputSettings,
  clips: ClipSettings,
): Pick<ShotPlan, 'segments' | 'enhance'> {
  const { clip, run, pace } = atStep(source, span);
  const pieces = cutIntoSegments(run, isFootage(clip.made) ? segmentLength(run.count) : segmentFrames);
  const framings = pieces.map(({ from }) =>
    framingOf(clip.size, output, clip.focus, { frames: run.count, first: from - run.from }),
  );
  if (clip.enhance === null) {
    const paced = pace === undefined ? {} : { pace };
    // An upscaler that denoises counts frames of the run.
    const frames = pace === undefined ? clip.frames : pace.frames;
    const source = { ...clip, frames, fills: isFootage(clip.made) && fillsFilm(clip.size, output) };
    const segments = pieces.map((piece, index) =>
      segment(source, { ...piece, ...paced, ...framings[index] }, output, clips),
    );
    return { segments };
  }
  const shared = { ...clip.enhance, frames: clip.frames };
  const packages = clips.packages('text', 'vae', 'enhance');
  const enhance = pieces.map((piece) => {
    const { from, count } = framesUnder(piece, pace);
    // Chunks lie on a grid, so one may begin almost its length before.
    const { chunk } = shared;
    const { inputs, ...footage } = readFrom(clip.made, from - chunk, from + count - 1 + chunk);
    return taskOf<EnhanceTask>({ stage: 'enhance', params: { ...shared, from, count, ...footage }, inputs, packages });
  });
  const segments = enhance.map((task, index) => {
    const { from, count } = task.params;
    const piece = pieces[index] ?? { from, count };
    const words = wordsAt(clip.words, (from + count / 2) / clip.frames);
    const size = { width: clip.size.width * task.params.scale, height: clip.size.height * task.params.scale };
    const fills = isFootage(clip.made) && fillsFilm(size, output);
    const source = { made: nameOf(task), frames: piece.count, words, fills };
    const paced =
      pace === undefined
        ? {}
        : { pace: { ...pace, origin: pace.origin - from, first: pace.first + piece.from, frames: piece.count } };
    return segment(source, { from: 0, count: piece.count, ...paced, ...framings[index] }, output, clips);
  });
  return { enhance, segments };
}

/**
 * A clip whose enhancer makes another number of frames of each key than interpolation does: it has another rate, which the film follows at
 * another pace.
 */
function atStep(clip: SegmentSource, span: FilmSpan): FilmSpan & { readonly clip: SegmentSource } {
  const step = clip.enhance?.keyStep ?? 1;
  const usual = interpolatedFrames(2) - 1;
  if (step === 1 || step === usual) return { clip, ...span };
  const { origin, first, num, den, frames } = span.pace ?? { origin: 0, first: 0, num: 1, den: 1, frames: clip.frames };
  // Rounded down, so that no frame lies behind the last one.
  const pace = { origin: Math.floor((origin * step) / usual), first, num: num * step, den: den * usual, frames };
  return { clip: { ...clip, frames: ((clip.frames - 1) / usual) * step + 1 }, run: span.run, pace };
}

/** A clip of which a segment is made. */
interface PieceSource extends Pick<SegmentSource, 'made' | 'frames' | 'words'> {
  /** Whether what the film shows of it has the film's size. */
  readonly fills: boolean;
}

function segment(
  { made, frames, words, fills }: PieceSource,
  { from, count, pace, framing }: FrameRun & { readonly pace?: Pace; readonly framing?: Framing },
  output: OutputSettings,
  clips: ClipSettings,
): SegmentTask {
  const { width, height, fps } = output;
  const upscaler = fills ? 'none' : output.upscaler;
  const under = framesUnder({ from: from - neighbours, count: count + 2 * neighbours }, pace);
  const { inputs, ...footage } = readFrom(made, under.from, under.from + under.count - 1);
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
      ...footage,
      ...(diffusion === null ? {} : { diffusion: { ...diffusion, frames } }),
    },
    inputs,
    packages: upscaler === undefined ? clips.packages('upscale') : {},
  });
}

/** Frames beside its own that an upscaler may look at. */
const neighbours = 8;

function isFootage(made: SegmentSource['made']): made is FoundClip {
  return 'parts' in made;
}

/** What a task reads to have frames `from … to` of a clip, and what its parameters say of it. */
function readFrom(
  made: SegmentSource['made'],
  from: number,
  to: number,
): { readonly inputs: readonly ArtifactName[]; readonly footage?: FootageParts } {
  return isFootage(made) ? partsWith(made, from, to) : { inputs: [made] };
}

/** The frames of the clip that a piece of a run shows, and those between them. */
function framesUnder(piece: FrameRun, pace: Pace | undefined): FrameRun {
  if (pace === undefined) return piece;
  const from = frameAt(pace, piece.from);
  return { from, count: frameAt(pace, piece.from + piece.count - 1) - from + 1 };
}
