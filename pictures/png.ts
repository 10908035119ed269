/**
 * The parts of a PNG file that make its picture. W3C PNG (third edition), section 5.
 *
 * Only critical chunks and the transparency of palettes go on to the decoder: the ancillary ones hold compressed text and
 * colour profiles, which may unpack to a thousand times their size and change no pixel that we use.
 */
import { crc32, inflateSync } from 'node:zlib';
import { systemCode } from '../errors/system-code.ts';
import { exifOrientation } from './exif.ts';
import { pictureFault } from './fault.ts';
import type { CodedPictureFile } from './headers.ts';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Length, type and checksum around the data of a chunk. */
const frameBytes = 12;
const decoded = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** Whether bytes begin as a PNG file. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Reads the chunks of a PNG file. @throws PipelineError `SCRIPT_INVALID` when they are damaged. */
export function readPng(bytes: Uint8Array): CodedPictureFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [signature];
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: CodedPictureFile['orientation'] = 1;
  let offset = signature.length;
  for (;;) {
    if (offset + frameBytes > bytes.length)
      throw pictureFault('is a PNG file that ends too early; send it again whole');
    const length = view.getUint32(offset);
    const end = offset + frameBytes + length;
    if (end > bytes.length) throw pictureFault('is a PNG file that ends too early; send it again whole');
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (crc32(bytes.subarray(offset + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw pictureFault(`is a damaged PNG file (checksum at byte ${offset}); send it again whole`);
    }
    if (size === null) {
      if (type !== 'IHDR' || length !== 13) throw pictureFault('is a PNG file without a header; save it anew');
      size = { width: view.getUint32(offset + 8), height: view.getUint32(offset + 12) };
    }
    if (type === 'eXIf') orientation = exifOrientation(bytes.subarray(offset + 8, end - 4));
    if (type === 'acTL') throw pictureFault('is an animated PNG; a picture stands still, save one frame of it');
    if (decoded.has(type)) kept.push(bytes.subarray(offset, end));
    offset = end;
    if (type === 'IEND') return { format: 'png', ...size, orientation, coded: Buffer.concat(kept) };
  }
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Unpacks the pixels of a PNG as far as its header allows, because the decoder goes on to the end of the stream, which may
 * be hours away. Call it when the size of the picture is known to be acceptable.
 * @throws PipelineError `SCRIPT_INVALID` when there is more, or when the stream is damaged.
 */
export function refusePngBomb(coded: Uint8Array): void {
  const view = new DataView(coded.buffer, coded.byteOffset, coded.byteLength);
  const header = signature.length + 8;
  const bits = coded[header + 8]! * (channelsOf[coded[header + 9]!] ?? 4);
  const rowBytes = 1 + Math.ceil((view.getUint32(header) * bits) / 8);
  // Interlacing cuts rows into pieces, each with a byte of its own: less than twice the bytes.
  const mostBytes = 2 * rowBytes * view.getUint32(header + 4) + 1024;
  const parts: Uint8Array[] = [];
  for (let offset = signature.length; offset < coded.length; offset += frameBytes + view.getUint32(offset)) {
    const start = offset + 8;
    const isData = Buffer.from(coded.subarray(offset + 4, start)).toString('latin1') === 'IDAT';
    if (isData) parts.push(coded.subarray(start, start + view.getUint32(offset)));
  }
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: mostBytes });
  } catch (error) {
    const isLarge = systemCode(error) === 'ERR_BUFFER_TOO_LARGE';
    throw pictureFault(
      isLarge ? 'is a PNG file with more data than pixels; save it anew' : 'is a damaged PNG file; send it again whole',
    );
  }
}
