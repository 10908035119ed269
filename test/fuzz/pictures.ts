import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { encodeImage } from '../../media/picture.ts';
import { preparePicture, prepareSubject } from '../../pictures/prepare-picture.ts';
import { pngFile } from '../fakes/png.ts';
import { edited, edits } from './mutations.ts';
import type { FuzzTarget } from './target.ts';

const fixtures = resolve(import.meta.dirname, '../../pictures/fixtures');
const pixels = (channels: 3 | 4): Uint8Array =>
  Uint8Array.from({ length: 24 * 16 * channels }, (_, i) => (i * 7919) % 251);
const seeds = [
  ...readdirSync(fixtures)
    .filter((name) => /\.(webp|avif|heic)$/.test(name))
    .map((name) => readFileSync(join(fixtures, name))),
  ...([3, 4] as const).map((channels) => pngFile({ width: 24, height: 16, channels }, pixels(channels))),
  await encodeImage({ width: 24, height: 16, data: pixels(3) }, 'jpeg'),
];
const words = [
  'VP8X',
  'VP8L',
  'ALPH',
  'ANMF',
  'EXIF',
  'IDAT',
  'PLTE',
  'tRNS',
  'eXIf',
  'acTL',
  'ispe',
  'iloc',
  'ipma',
  'grid',
  'irot',
  'clap',
  'auxC',
];
const markers = ['\xff\xc0', '\xff\xc2', '\xff\xda', '\xff\xe1', '\xff\xdd', '\xff\xd9'];

/** Checksums of a PNG put right, so that what is changed reaches what is behind them. */
function repaired(bytes: Buffer): Buffer {
  const png = Buffer.from(bytes);
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    if (end > png.length) break;
    png.writeUInt32BE(crc32(png.subarray(at + 4, end - 4)), end - 4);
    at = end;
  }
  return png;
}

/** Picture files, from bytes to pixels, as a picture and as a subject. */
export const pictures: FuzzTarget = {
  inputs: fc
    .tuple(fc.constantFrom(...seeds), edits([...words, ...markers]), fc.boolean())
    .map(([seed, changes, repair]) => {
      const changed = edited(seed, changes);
      return repair && changed.subarray(1, 4).toString('latin1') === 'PNG' ? repaired(changed) : changed;
    }),
  extension: 'bin',
  async run(input) {
    await preparePicture(input);
    try {
      await prepareSubject(input, null);
    } catch (error) {
      // Whether a subject stands out from a picture of noise is another question; that it fails by its code is not.
      if ((error as { readonly code?: unknown }).code !== 'SCRIPT_INVALID') throw error;
    }
    return 'ok';
  },
};
