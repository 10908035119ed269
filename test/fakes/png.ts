import { crc32, deflateSync } from 'node:zlib';

/** A chunk of a PNG file. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG file; `channels` 3 is RGB, 4 is RGBA. `extra` chunks come before the pixels. */
export function pngFile(
  size: { readonly width: number; readonly height: number; readonly channels: 3 | 4 },
  pixels: Uint8Array,
  extra: readonly Buffer[] = [],
): Buffer {
  const { width, height, channels } = size;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const stride = width * channels;
  const rows = Array.from({ length: pixels.length / stride }, (_, row) =>
    Buffer.concat([Buffer.alloc(1), pixels.subarray(row * stride, (row + 1) * stride)]),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** First column and row of each pass of Adam7, and the steps between its pixels. W3C PNG, section 8.1. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG file of 8-bit RGB whose pixels come in seven passes. */
export function interlacedPng(width: number, height: number, pixels: Uint8Array): Buffer {
  const rows: Buffer[] = [];
  for (const [left, top, across, down] of adam7) {
    for (let y = top; y < height && left < width; y += down) {
      const row: number[] = [0];
      for (let x = left; x < width; x += across)
        row.push(...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));
      rows.push(Buffer.from(row));
    }
  }
  const plain = pngFile({ width, height, channels: 3 }, pixels);
  const header = Buffer.from(plain.subarray(16, 29));
  header[12] = 1;
  return Buffer.concat([
    plain.subarray(0, 8),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A TIFF block that says an orientation, as EXIF has it. */
export function exifBlock(orientation: number, order: 'II' | 'MM' = 'MM'): Buffer {
  const block = Buffer.alloc(26);
  const little = order === 'II';
  const put16 = (value: number, at: number) =>
    little ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at);
  const put32 = (value: number, at: number) =>
    little ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at);
  block.write(order, 0, 'latin1');
  put16(42, 2);
  put32(8, 4);
  put16(1, 8);
  put16(0x0112, 10);
  put16(3, 12);
  put32(1, 14);
  put16(orientation, 18);
  return block;
}
