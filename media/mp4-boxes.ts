import { open } from 'node:fs/promises';

import { mediaFailed } from './ffmpeg.ts';

/** One top-level box of an MP4 file (ISO/IEC 14496-12, section 4.2). */
export interface Mp4Box {
  /** Four characters, `moov`. */
  readonly type: string;
  /** First byte of the box in the file. */
  readonly offset: number;
  /** Bytes with its header. */
  readonly bytes: number;
}

/** More top-level boxes than a film in one piece has; a file of many tiny boxes is hostile. */
const mostBoxes = 1024;

/**
 * Lists the top-level boxes of an MP4 file.
 * @param maxBoxes - More than these are refused.
 * @throws PipelineError `MEDIA_FAILED` when a box does not end inside the file.
 */
export async function listMp4Boxes(file: string, maxBoxes = mostBoxes): Promise<readonly Mp4Box[]> {
  const handle = await open(file);
  try {
    const { size: fileBytes } = await handle.stat();
    const header = Buffer.alloc(16);
    const boxes: Mp4Box[] = [];
    for (let offset = 0; offset < fileBytes;) {
      const { bytesRead } = await handle.read(header, 0, 16, offset);
      const short = bytesRead >= 8 ? header.readUInt32BE(0) : -1;
      // 1 means a 64-bit size after the type, 0 means "to the end of the file".
      const long = short === 1 && bytesRead === 16 ? Number(header.readBigUInt64BE(8)) : short;
      const bytes = short === 0 ? fileBytes - offset : long;
      if (bytes < 8 || offset + bytes > fileBytes || boxes.length === maxBoxes) {
        throw mediaFailed(
          `${file} is no whole MP4 file: the box at byte ${String(offset)} does not fit into ${String(fileBytes)} bytes; make it again`,
          { file, offset, fileBytes },
        );
      }
      boxes.push({ type: header.toString('latin1', 4, 8), offset, bytes });
      offset += bytes;
    }
    return boxes;
  } finally {
    await handle.close();
  }
}

/** Whether players can start before the whole file is there: the index (`moov`) lies before the pictures (`mdat`). */
export function isFastStart(boxes: readonly Mp4Box[]): boolean {
  const moov = boxes.findIndex((box) => box.type === 'moov');
  const mdat = boxes.findIndex((box) => box.type === 'mdat');
  return moov >= 0 && mdat >= 0 && moov < mdat;
}
