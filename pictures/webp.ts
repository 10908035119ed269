/**
 * What a WebP file says of itself before it is decoded: RFC 9649, section 2.
 *
 * Only the chunks that make the picture go on to the decoder: the bitstream, and the alpha channel beside a lossy one.
 */
import { exifOrientation } from './exif.ts';
import { pictureFault } from './fault.ts';
import type { CodedPictureFile } from './headers.ts';

const headerBytes = 12;
/** Type and length before the data of a chunk. */
const chunkHeaderBytes = 8;
const animationFlag = 0x02;
const alphaFlag = 0x10;

const nameAt = (bytes: Uint8Array, at: number): string => Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');

/** Whether bytes begin as a WebP file. */
export function isWebp(bytes: Uint8Array): boolean {
  return nameAt(bytes, 0) === 'RIFF' && nameAt(bytes, 8) === 'WEBP';
}

type Size = Pick<CodedPictureFile, 'width' | 'height'>;

/** Reads the chunks of a WebP file. @throws PipelineError `SCRIPT_INVALID` when they are damaged, or move. */
export function readWebp(bytes: Uint8Array): CodedPictureFile {
  const chunks = chunksOf(bytes);
  if (chunks.has('ANIM') || chunks.has('ANMF') || ((chunks.get('VP8X')?.[0] ?? 0) & animationFlag) !== 0) {
    throw pictureFault('is an animated WebP; a picture stands still, save one frame of it');
  }
  const lossless = chunks.get('VP8L');
  const lossy = chunks.get('VP8 ');
  const size = lossless !== undefined ? losslessSize(lossless) : lossy !== undefined ? lossySize(lossy) : null;
  if (size === null) throw pictureFault('is a WebP file without a picture; save it anew');
  const canvas = chunks.get('VP8X');
  if (canvas !== undefined) {
    const { width, height } = canvasSize(canvas);
    if (width !== size.width || height !== size.height) throw damaged();
  }
  const alpha = lossless === undefined ? chunks.get('ALPH') : undefined;
  const kept = [
    ...(alpha === undefined ? [] : [chunk('VP8X', canvasOf(size)), chunk('ALPH', alpha)]),
    lossless === undefined ? chunk('VP8 ', lossy!) : chunk('VP8L', lossless),
  ];
  const body = Buffer.concat([Buffer.from('WEBP'), ...kept]);
  return { format: 'webp', ...size, orientation: orientationOf(chunks.get('EXIF')), coded: chunk('RIFF', body) };
}

/** The chunks of a file by type, the first of each; it has few. */
function chunksOf(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tooShort = (): Error => pictureFault('is a WebP file that ends too early; send it again whole');
  if (bytes.length < headerBytes) throw tooShort();
  const end = chunkHeaderBytes + view.getUint32(4, true);
  if (end > bytes.length) throw tooShort();
  const chunks = new Map<string, Uint8Array>();
  for (let at = headerBytes; at < end;) {
    if (at + chunkHeaderBytes > end) throw tooShort();
    const length = view.getUint32(at + 4, true);
    const start = at + chunkHeaderBytes;
    if (start + length > end) throw tooShort();
    const name = nameAt(bytes, at);
    if (!chunks.has(name)) chunks.set(name, bytes.subarray(start, start + length));
    at = start + length + (length % 2);
  }
  return chunks;
}

/** A chunk with its header, padded to an even length. */
function chunk(name: string, data: Uint8Array): Buffer {
  const header = Buffer.alloc(chunkHeaderBytes);
  header.write(name, 'latin1');
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2)]);
}

/** RFC 9649, 3.4: a signature byte, then width and height less one in 14 bits each. */
function losslessSize(data: Uint8Array): Size {
  if (data.length < 5 || data[0] !== 0x2f) throw damaged();
  const bits = Buffer.from(data).readUInt32LE(1);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** RFC 6386, 9.1: a frame tag, a start code, then width and height in 14 bits each. */
function lossySize(data: Uint8Array): Size {
  const isKeyFrame = ((data[0] ?? 1) & 1) === 0;
  if (data.length < 10 || !isKeyFrame || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) throw damaged();
  const buffer = Buffer.from(data);
  return { width: buffer.readUInt16LE(6) & 0x3fff, height: buffer.readUInt16LE(8) & 0x3fff };
}

function canvasSize(data: Uint8Array): Size {
  if (data.length < 10) throw damaged();
  const buffer = Buffer.from(data);
  return { width: 1 + buffer.readUIntLE(4, 3), height: 1 + buffer.readUIntLE(7, 3) };
}

function canvasOf({ width, height }: Size): Buffer {
  const data = Buffer.alloc(10);
  data[0] = alphaFlag;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return data;
}

/** Some writers put the name of the block before it, as JPEG files have it. */
function orientationOf(block: Uint8Array | undefined): CodedPictureFile['orientation'] {
  if (block === undefined) return 1;
  return exifOrientation(nameAt(block, 0) === 'Exif' ? block.subarray(6) : block);
}

const damaged = (): Error => pictureFault('is a damaged WebP file; send it again whole');
