import { pictureFault } from './fault.ts';
import { isJpeg, readJpeg } from './jpeg.ts';
import { pictureLimits } from './limits.ts';
import type { HeifPictureFile, PictureFile } from './headers.ts';
import { isHeif, readHeif } from './heif.ts';
import { otherFormatOf } from './other-format.ts';
import { isPng, readPng, refusePngBomb } from './png.ts';
import { isWebp, readWebp } from './webp.ts';

/** Reads the headers of a picture file and holds them against the limits. @throws PipelineError `SCRIPT_INVALID`. */
export function readPictureFile(bytes: Uint8Array): PictureFile {
  if (bytes.length > pictureLimits.bytes) {
    throw pictureFault(`has ${bytes.length} bytes; a picture has at most ${pictureLimits.bytes}; save it smaller`);
  }
  const file = readHeaders(bytes);
  refuseSize(file);
  if ('picture' in file) refuseTiles(file);
  if (file.format === 'png') refusePngBomb(file.coded);
  return file;
}

function refuseSize({ width, height }: Pick<PictureFile, 'width' | 'height'>): void {
  if (width < 1 || height < 1) throw pictureFault(`is ${width}x${height} pixels; a picture has some`);
  if (width > pictureLimits.side || height > pictureLimits.side || width * height > pictureLimits.pixels) {
    throw pictureFault(
      `is ${width}x${height} pixels; a picture has at most ${pictureLimits.side} on a side and ${pictureLimits.pixels} in all; save it smaller`,
    );
  }
}

/** A small part may be shown of what takes hours to decode. Tiles may reach beyond the picture, by less than its own size. */
function refuseTiles({ picture, opacity }: HeifPictureFile): void {
  for (const part of [picture, ...(opacity === null ? [] : [opacity])]) {
    refuseSize(part);
    part.tiles.forEach(refuseSize);
    const numPixels = part.tiles.reduce((sum, { width, height }) => sum + width * height, 0);
    if (numPixels > 2 * pictureLimits.pixels) {
      throw pictureFault(`has tiles of ${numPixels} pixels in all; save the picture smaller, or as PNG`);
    }
  }
}

function readHeaders(bytes: Uint8Array): PictureFile {
  if (isPng(bytes)) return readPng(bytes);
  if (isJpeg(bytes)) return readJpeg(bytes);
  if (isWebp(bytes)) return readWebp(bytes);
  if (isHeif(bytes)) return readHeif(bytes);
  const other = otherFormatOf(bytes);
  const rule = 'a picture is a PNG, JPEG, WebP, AVIF or HEIC file';
  throw pictureFault(other === null ? `is not a picture; ${rule}` : `is ${other}; ${rule}: save it as PNG`);
}
