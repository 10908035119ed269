/**
 * The orientation that a camera wrote into a picture, from its EXIF block: a TIFF file in small, whose first directory
 * may hold tag 0x0112. CIPA DC-008 (EXIF 2.32), section 4.6.
 */

/** 1…8: how the stored rows and columns lie in the picture; 1 is as stored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;
const shortType = 3;
const entryBytes = 12;

/** Orientation in a TIFF block; 1 when there is none or the block is damaged, for it is advice and no part of the picture. */
export function exifOrientation(block: Uint8Array): Orientation {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (block.length < 8) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > block.length) return 1;
  const numEntries = view.getUint16(directory, little);
  for (let index = 0; index < numEntries; index++) {
    const entry = directory + 2 + index * entryBytes;
    if (entry + entryBytes > block.length) return 1;
    if (view.getUint16(entry, little) !== orientationTag || view.getUint16(entry + 2, little) !== shortType) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
