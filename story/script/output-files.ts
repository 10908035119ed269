import type { VideoEncoding } from './encoding.ts';
import type { Size, WrittenSize } from './output-size.ts';

/** Further files of one story, in their normal form: each is made of the frames of its film. */

/** What every file says. */
interface FileSettings extends WrittenSize {
  readonly name: string;
}

/** The film in another size, shape or codec. */
export interface FilmFile extends FileSettings {
  readonly kind: 'film';
  /** Width over height; absent: that of the film, or of both sides. */
  readonly ratio?: number;
  readonly fit?: 'pad';
  readonly captions?: 'burn' | 'track';
  /** Absent: as segments are, H.264. */
  readonly encoding?: VideoEncoding;
}

/** The film as a moving picture for pages and messages, small and without sound. */
export interface PreviewFile extends FileSettings {
  readonly kind: 'preview';
  readonly codec: 'gif' | 'webp';
  /** Frames per second. */
  readonly fps: number;
}

/** The film as a stream (HLS) in several sizes, of which a player takes the one that its line bears. */
export interface StreamFile {
  readonly name: string;
  readonly kind: 'stream';
  /** The shorter side of each size, pixels, the largest first. */
  readonly ladder: readonly number[];
  readonly captions?: 'burn' | 'track';
  readonly encoding: VideoEncoding;
}

/** A further file of a story. */
export type OutputFile = FilmFile | PreviewFile | StreamFile;

/** The sizes of a stream: those of its ladder that are no larger than the film, or that of the film. */
export function sizesOfStream({ ladder }: StreamFile, film: Size): readonly Size[] {
  const shorter = Math.min(film.width, film.height);
  const fitting = ladder.filter((side) => side <= shorter);
  return (fitting.length === 0 ? [shorter] : fitting).map((side) => ({
    width: even((film.width * side) / shorter),
    height: even((film.height * side) / shorter),
  }));
}

const even = (side: number): number => 2 * Math.round(side / 2);

/** Width of a preview when no side is said. */
const previewWidth = 480;

/**
 * The size of a file. Of one side the other follows. Of a shape alone it is the largest part of the film, and of neither the whole film: nothing is
 * enlarged unless it is asked for.
 *
 * @param film Size of the film.
 */
export function sizeOfFile(file: FilmFile | PreviewFile, film: Size): Size {
  const { width, height } = file;
  if (width !== undefined && height !== undefined) return { width, height };
  const ratio = (file.kind === 'film' ? file.ratio : undefined) ?? film.width / film.height;
  if (width !== undefined) return { width, height: even(width / ratio) };
  if (height !== undefined) return { width: even(height * ratio), height };
  if (file.kind === 'preview') {
    const side = Math.min(previewWidth, film.width);
    return { width: side, height: even(side / ratio) };
  }
  if (file.ratio === undefined) return { width: film.width, height: film.height };
  return film.width / film.height > ratio
    ? { width: even(film.height * ratio), height: film.height }
    : { width: film.width, height: even(film.width / ratio) };
}
