import type { ModelSetRef } from '../models/model-set.ts';
import type { Size } from '../script/output-size.ts';
import type { OutputSettings, Shot } from '../script/script.ts';

/** How the frames of a clip are brought to the shape of the film. Nothing is ever stretched. */
export type Framing =
  /** The largest part of the film's shape. `focus` says which: 0 the left or top end, 1 the right or bottom end. */
  | { readonly kind: 'crop'; readonly focus: number; readonly pan?: FocusPan }
  /** The whole frame, with black bars beside or above and below it. */
  | { readonly kind: 'pad' };

/** A focus that moves: between two shots with different ones it goes from the one to the other. */
export interface FocusPan {
  /** Focus behind the last frame. */
  readonly to: number;
  /** Frames of the whole way, and which of them the segment begins with. */
  readonly frames: number;
  readonly first: number;
}

/** Where a run of frames looks: at its beginning and at its end. */
export interface FocusRun {
  readonly from: number;
  readonly to: number;
}

/** Size of a film, and what becomes of clips of another shape. */
export type FilmShape = Pick<OutputSettings, 'width' | 'height' | 'fit'>;

/** The middle. */
export const middle = 0.5;

/** Whether a clip has the shape of the film, to the nearest pixel. */
export function hasShape(clip: Size, film: Size): boolean {
  return (
    Math.round((clip.height * film.width) / film.height) === clip.width ||
    Math.round((clip.width * film.height) / film.width) === clip.height
  );
}

/** The focus of each shot. A shot that continues the one before looks where that one does: else its picture would jump. */
export function focusesOf(shots: readonly Shot[]): readonly number[] {
  let before = middle;
  return shots.map(({ focus, join }) => (before = join?.kind === 'continue' ? before : (focus ?? middle)));
}

/**
 * The framing of a piece of a run of frames.
 *
 * @param clip Size of the clip's frames; an enhanced clip has the same shape.
 * @param place Frames of the run, and which of them the piece begins with.
 * @returns nothing when the clip has the film's shape, so that tasks without framing keep their keys.
 */
export function framingOf(
  clip: Size,
  output: FilmShape,
  focus: FocusRun,
  place: { readonly frames: number; readonly first: number },
): { readonly framing?: Framing } {
  if (hasShape(clip, output)) return {};
  if (output.fit === 'pad') return { framing: { kind: 'pad' } };
  const { from, to } = focus;
  return { framing: { kind: 'crop', focus: from, ...(from === to ? {} : { pan: { to, ...place } }) } };
}

/** Share of a clip's picture that a film of another shape shows when it is cropped, 0 … 1. */
export function shownShare(clip: Size, film: Size): number {
  const [a, b] = [clip.width * film.height, clip.height * film.width];
  return Math.min(a, b) / Math.max(a, b);
}

/**
 * The size of the clips that a film is made of: of those that the set offers the one of which the film shows most, so the nearest in shape. Of
 * several that are as near it is that of the base model, or the first in the set's list.
 */
export function clipSizeFor({ native, shapes = [] }: Pick<ModelSetRef, 'native' | 'shapes'>, film: Size): Size {
  const nearest = [native, ...shapes].reduce((best, size) =>
    shownShare(size, film) > shownShare(best, film) ? size : best,
  );
  return { width: nearest.width, height: nearest.height };
}

/** What a reader of the script should know of its shape: how much of each picture is lost. `null` when nothing is. */
export function shapeWarning(clip: Size, output: OutputSettings): string | null {
  if (output.fit === 'pad' || hasShape(clip, output)) return null;
  const shown = Math.round(100 * shownShare(clip, output));
  const side = losesWidth(clip, output) ? 'width' : 'height';
  return (
    `output is ${output.width}x${output.height} and the clips of the model set are ${clip.width}x${clip.height}: ` +
    `the film shows ${shown} % of their ${side}; choose which part by focus, or say fit: pad for bars`
  );
}

/** Words for a focus that a film of this shape has no use for; none where nothing is cropped. */
export function strayFocusWords(clip: Size, output: OutputSettings): readonly string[] {
  if (output.fit === 'pad' || hasShape(clip, output)) return [];
  return losesWidth(clip, output) ? ['top', 'bottom'] : ['left', 'right'];
}

/** What to say of such a word: it is taken for an end of the other axis. */
export function strayFocusRule(clip: Size, output: OutputSettings): string {
  const [lost, words] = losesWidth(clip, output)
    ? ['width', 'left, middle or right']
    : ['height', 'top, middle or bottom'];
  return `the film is ${output.width}x${output.height} and loses of its clips' ${lost} alone; say ${words}`;
}

/** Whether a clip that is cropped to the shape of a film loses columns, and not rows. */
export function losesWidth(clip: Size, film: Size): boolean {
  return clip.width * film.height > clip.height * film.width;
}
