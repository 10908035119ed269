import type { Orientation } from './exif.ts';

/** A picture file whose headers were read and found in order; nothing of it is decoded. */
export interface PictureFile {
  readonly format: 'png' | 'jpeg';
  /** Pixels as stored, before the orientation. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** What the decoder gets. */
  readonly coded: Uint8Array;
}
