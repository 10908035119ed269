import { z } from 'zod';
import { captionStyleField } from './caption-fields.ts';
import { readBitrate, videoCodecs } from './encoding.ts';
import { namedSize, ratioOf, sizeNames } from './output-size.ts';
import { oneOf, realNumber, wholeNumber } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of how a film is coded, and of its further files. */

const bitrateRule = 'bitrate is how many bits a second has, from 50k to 400M, as 8M or 800k';
const [minBits, maxBits] = [50_000, 400_000_000];

/** Keys of an output for its codec. */
export const encodingFields = {
  depth: z
    .union([z.literal(8), z.literal(10)], { error: 'depth is how many bits a sample has, 8 or 10' })
    .describe('Bits of a sample: `10` keeps skies from banding. Few players show 10 bits of H.264.')
    .optional(),
  quality: realNumber(
    `quality is a constant rate factor, a number from 0 (the best) to ${limits.maxQuality}`,
    0,
    limits.maxQuality,
  )
    .describe(
      'Constant rate factor of the encoder: less is better and larger. H.264 and HEVC count to 51, AV1 and VP9 to 63.',
    )
    .optional(),
  bitrate: z
    .string({ error: bitrateRule })
    .refine((text) => (readBitrate(text) ?? 0) >= minBits && (readBitrate(text) ?? 0) <= maxBits, {
      error: bitrateRule,
    })
    .meta({ title: 'bitrate' })
    .describe('Bits per second of the pictures, in place of `quality`. Not for AV1 and ProRes.')
    .optional(),
};

/** `output.codec` */
export const codecField = oneOf(
  'codec is h264 (every player), hevc, av1 or vp9 (smaller), or prores (for editing)',
  videoCodecs,
)
  .describe(
    'How the pictures of the film are coded. `prores` is 422 HQ, in a MOV file. Whatever it is, no frame is rendered again for it.',
  )
  .optional();

const fileRule = `an output is a size (${sizeNames.join(', ')}, or 1920x1080), a shape (9:16), or a map with width, height, shape, fit, codec, depth, quality, bitrate, captions, ladder and fps`;
const side = (name: string) => {
  const rule = `${name} is an even whole number of pixels from ${limits.minSide} to ${limits.maxSide}`;
  return wholeNumber(rule, limits.minSide, limits.maxSide).multipleOf(2, { error: rule });
};
const shapeRule = 'shape is width to height, as 9:16, 1:1 or 2.39:1, from 1:10 to 10:1';

/** Sizes of a stream, by name. */
export const ladderSizes = ['2160p', '1440p', '1080p', '720p', '540p', '480p', '360p', '240p'] as const;
const ladderRule = `ladder is true, or a list of 1 to ${limits.ladder} sizes, the shorter side of each: ${ladderSizes.join(', ')}`;

/** Keys of a further output when it is a map. */
export const fileFields = {
  width: side('a width')
    .describe('Width of the file in pixels. Without it, it follows from the other keys.')
    .optional(),
  height: side('a height')
    .describe('Height of the file in pixels. Without it, it follows from the other keys.')
    .optional(),
  shape: z
    .string({ error: shapeRule })
    .refine((value) => ratioOf(value) !== null, { error: shapeRule })
    .meta({ title: 'shape' })
    .describe('Width to height. Alone it takes the largest part of the film that has it.')
    .optional(),
  fit: oneOf('fit is crop (the file loses the ends of the film) or pad (it gets black bars)', ['crop', 'pad'])
    .describe(
      'What becomes of a film of another shape: it loses its ends, as `focus` of each shot says, or gets black bars.',
    )
    .optional(),
  codec: oneOf('codec is h264, hevc, av1, vp9 or prores, or for a preview gif or webp', [
    ...videoCodecs,
    'gif',
    'webp',
  ] as const)
    .describe('How the file is coded. `gif` and `webp` are previews that move, without sound.')
    .optional(),
  ...encodingFields,
  ladder: z
    .union(
      [
        z.boolean({ error: ladderRule }),
        z
          .array(oneOf(ladderRule, ladderSizes), { error: ladderRule })
          .min(1, { error: ladderRule })
          .max(limits.ladder, { error: ladderRule })
          .meta({ title: 'ladder' }),
      ],
      { error: ladderRule },
    )
    .describe(
      'Makes a stream (HLS) of several sizes, of which a player takes the one that its line bears. A size is that of the shorter side; those beyond the film are left out. `true` is 1080p, 720p, 480p and 360p.',
    )
    .optional(),
  captions: captionStyleField,
  fps: wholeNumber(
    `fps is how many frames a second of a preview has, a whole number from 1 to ${limits.maxPreviewFps}`,
    1,
    limits.maxPreviewFps,
  )
    .describe('Frames per second of a preview. A film has those of the story.')
    .optional(),
};

/** Whether a text is a size or shape of a further output. */
export function isFileName(value: string): boolean {
  const size = namedSize(value);
  return ratioOf(value) !== null || (size !== null && Object.values(size).every(isSide));
}

const isSide = (pixels: number): boolean => pixels % 2 === 0 && pixels >= limits.minSide && pixels <= limits.maxSide;

/** Names of what every film has. */
export const takenNames: readonly string[] = ['film', 'poster', 'storyboard', 'manifest', 'captions', 'sound'];

/** The rule of names of outputs, which a record's schema cannot tell in its own words. */
export const outputNameRule = `the name of an output has 1 to ${limits.idLength} lower-case letters, digits and hyphens, begins with a letter or digit, and is none of ${takenNames.join(', ')}`;
const outputsRule = `outputs is a map of 1 to ${limits.outputs} names to outputs`;

/** `outputs` */
export const outputsField = z
  .record(
    z.string(),
    z.union(
      [
        z.string({ error: fileRule }).refine(isFileName, { error: fileRule }).meta({ title: 'size or shape' }),
        z.strictObject(fileFields, { error: fileRule }),
      ],
      { error: fileRule },
    ),
    { error: outputsRule },
  )
  .refine((files) => Object.keys(files).length <= limits.outputs, { error: outputsRule })
  .describe(
    `Further files of the film, by name: other sizes, shapes and codecs, and previews. All are made of the frames of the film; each costs its encoding. At most ${limits.outputs}.`,
  )
  .optional();

/** `outputs`, as it was written. */
export type WrittenOutputs = z.output<typeof outputsField>;
