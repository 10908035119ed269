/**
 * What a JPEG file says of itself before it is decoded: ITU-T T.81, annex B. Walks the markers, also through the coded
 * data, so that a picture of a thousand passes is found before it costs a thousand decodings.
 */
import { exifOrientation } from './exif.ts';
import { pictureFault } from './fault.ts';
import { pictureLimits } from './limits.ts';
import type { CodedPictureFile } from './headers.ts';

const startOfScan = 0xda;
const endOfImage = 0xd9;
const app1 = 0xe1;
const exifName = 'Exif\0\0';

/** Whether bytes begin as a JPEG file. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Reads the markers of a JPEG file. @throws PipelineError `SCRIPT_INVALID` when it is damaged or of a kind that is not decoded. */
export function readJpeg(bytes: Uint8Array): CodedPictureFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: CodedPictureFile['orientation'] = 1;
  let numScans = 0;
  let offset = 2;
  for (;;) {
    offset = nextMarker(bytes, offset);
    const marker = bytes[offset + 1];
    if (marker === undefined) throw pictureFault('is a JPEG file that ends too early; send it again whole');
    if (marker === endOfImage) break;
    const start = offset + 4;
    const end = offset + 2 + (start <= bytes.length ? view.getUint16(offset + 2) : bytes.length);
    if (end > bytes.length || end < start)
      throw pictureFault('is a JPEG file that ends too early; send it again whole');
    if (isFrame(marker)) {
      if (size !== null) throw pictureFault('is a JPEG file with several pictures; save one of them');
      size = frameSize(bytes.subarray(start, end));
    }
    if (
      marker === app1 &&
      Buffer.from(bytes.subarray(start, start + exifName.length)).toString('latin1') === exifName
    ) {
      orientation = exifOrientation(bytes.subarray(start + exifName.length, end));
    }
    if (marker === startOfScan) {
      numScans += 1;
      if (numScans > pictureLimits.scans) {
        throw pictureFault(`is a JPEG file of more than ${pictureLimits.scans} scans; save it anew`);
      }
    }
    offset = end;
  }
  if (size === null || numScans === 0) throw pictureFault('is a JPEG file without a picture; save it anew');
  return { format: 'jpeg', ...size, orientation, coded: bytes };
}

/** The next marker at or after `offset`: 0xFF and a byte that is neither stuffing, fill nor a restart. */
function nextMarker(bytes: Uint8Array, offset: number): number {
  for (let at = bytes.indexOf(0xff, offset); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code !== undefined && code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7)) return at;
  }
  return bytes.length;
}

/** SOF0…SOF15 without the tables that share their numbers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function frameSize(frame: Uint8Array): { readonly width: number; readonly height: number } {
  const [precision, high = 0, low = 0, left = 0, right = 0, components] = frame;
  if (precision !== 8 || (components !== 1 && components !== 3)) {
    throw pictureFault(
      `is a JPEG file of ${components ?? 0} components with ${precision ?? 0} bits; save it as 8-bit RGB or grey`,
    );
  }
  return { width: (left << 8) | right, height: (high << 8) | low };
}
