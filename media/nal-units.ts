/** NAL unit type of a coded slice of an IDR picture (ITU-T H.264, table 7-1). */
export const idrSlice = 5;

/**
 * Types of the NAL units in one MP4 sample, where each has its length before it in four bytes (ISO/IEC 14496-15, 5.3).
 * @returns `null` when the lengths do not add up to the sample: it is damaged.
 */
export function nalUnitTypes(sample: Uint8Array): readonly number[] | null {
  return unitTypes(sample, (header) => header & 0x1f);
}

/** Whether a NAL unit of HEVC is an IDR picture (ITU-T H.265, table 7-1). */
export function isHevcEntry(type: number): boolean {
  return type === 19 || type === 20;
}

/** As `nalUnitTypes`, of HEVC (ITU-T H.265, 7.3.1.2). */
export function hevcUnitTypes(sample: Uint8Array): readonly number[] | null {
  return unitTypes(sample, (header) => (header >> 1) & 0x3f);
}

/** Types by the first byte of each unit. */
function unitTypes(sample: Uint8Array, typeOf: (header: number) => number): readonly number[] | null {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const types: number[] = [];
  let offset = 0;
  while (offset + 4 < sample.length) {
    const bytes = view.getUint32(offset);
    if (bytes === 0 || offset + 4 + bytes > sample.length) return null;
    types.push(typeOf(view.getUint8(offset + 4)));
    offset += 4 + bytes;
  }
  return offset === sample.length && types.length > 0 ? types : null;
}
