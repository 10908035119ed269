import { pictureFault } from './fault.ts';
import { isJpeg, readJpeg } from './jpeg.ts';
import { pictureLimits } from './limits.ts';
import type { PictureFile } from './headers.ts';
import { isPng, readPng, refusePngBomb } from './png.ts';

/** Reads the headers of a picture file and holds them against the limits. @throws PipelineError `SCRIPT_INVALID`. */
export function readPictureFile(bytes: Uint8Array): PictureFile {
  if (bytes.length > pictureLimits.bytes) {
    throw pictureFault(`has ${bytes.length} bytes; a picture has at most ${pictureLimits.bytes}; save it smaller`);
  }
  if (!isPng(bytes) && !isJpeg(bytes)) throw pictureFault('is not a picture; a picture is a PNG or a JPEG file');
  const file = isPng(bytes) ? readPng(bytes) : readJpeg(bytes);
  const { width, height } = file;
  if (width < 1 || height < 1) throw pictureFault(`is ${width}x${height} pixels; a picture has some`);
  if (width > pictureLimits.side || height > pictureLimits.side || width * height > pictureLimits.pixels) {
    throw pictureFault(
      `is ${width}x${height} pixels; a picture has at most ${pictureLimits.side} on a side and ${pictureLimits.pixels} in all; save it smaller`,
    );
  }
  if (file.format === 'png') refusePngBomb(file.coded);
  return file;
}
