/**
 * Bytes that a WAV file lacks at its end, by its header; 0 of a whole one, and of what is no WAV file. FFmpeg plays what is there and
 * says nothing. A header that was written before the sound, by a recorder that could not go back, says nothing either.
 */
export function missingBytes(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || view.getUint32(0) !== riff || view.getUint32(8) !== wave) return 0;
  const said = view.getUint32(4, true);
  return said === 0 || said === unknown ? 0 : Math.max(0, said + 8 - file.length);
}

/** `RIFF` and `WAVE`; a length that is not known. */
const [riff, wave, unknown] = [0x52494646, 0x57415645, 0xffffffff];
