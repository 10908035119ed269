import type { CodedStill } from '../media/decode-picture.ts';
import type { Orientation } from './exif.ts';

interface AnyPictureFile {
  /** Pixels as stored, before the orientation. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

/** A file that holds one coded picture; nothing of it is decoded. */
export interface CodedPictureFile extends AnyPictureFile {
  readonly format: 'png' | 'jpeg' | 'webp';
  /** What the decoder gets. */
  readonly coded: Uint8Array;
}

/** A picture of tiles, all of one size; most have one. */
export interface TiledPicture {
  readonly tiles: readonly CodedStill[];
  readonly columns: number;
  /** Size that is kept of the tiles together; they may reach beyond it on the right and below. */
  readonly width: number;
  readonly height: number;
}

/** An AVIF or HEIC file. Its size is that of `crop`. */
export interface HeifPictureFile extends AnyPictureFile {
  readonly format: 'avif' | 'heic';
  readonly picture: TiledPicture;
  /** Its opacity as a grey picture of the same size; `null` when it is opaque. */
  readonly opacity: TiledPicture | null;
  /** Where the shown pixels begin. */
  readonly crop: { readonly left: number; readonly top: number };
}

/** A picture file whose headers were read and found in order; nothing of it is decoded. */
export type PictureFile = CodedPictureFile | HeifPictureFile;

/** What people call the formats. */
export const formatNames = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  avif: 'AVIF',
  heic: 'HEIC',
} as const satisfies Record<PictureFile['format'], string>;
