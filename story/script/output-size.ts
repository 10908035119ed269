/** A size in pixels, even. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The sides that somebody said. */
export interface WrittenSize {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** Sizes that have a name. */
export const namedSizes = {
  '360p': { width: 640, height: 360 },
  '480p': { width: 854, height: 480 },
  '540p': { width: 960, height: 540 },
  '720p': { width: 1280, height: 720 },
  '1080p': { width: 1920, height: 1080 },
  '1440p': { width: 2560, height: 1440 },
  '2160p': { width: 3840, height: 2160 },
  '4k': { width: 3840, height: 2160 },
  '4320p': { width: 7680, height: 4320 },
  '8k': { width: 7680, height: 4320 },
} as const satisfies Readonly<Record<string, Size>>;

/** Names of sizes, in the order of a list for people. */
export const sizeNames = Object.keys(namedSizes) as readonly (keyof typeof namedSizes)[];

/** The sides of 4K, the size of a film of which only the shape is said: it is as large as fits in them, upright or lying. */
const box = { long: 3840, short: 2160 };

/** Pattern of a shape: width to height, as in `9:16` or `2.39:1`. */
export const shapePattern = /^(\d{1,4}(?:\.\d{1,3})?):(\d{1,4}(?:\.\d{1,3})?)$/;

/** Width over height of a shape such as `9:16`; `null` for what is none, or is more than 10 to 1. */
export function ratioOf(shape: string): number | null {
  const match = shapePattern.exec(shape.trim());
  const ratio = match === null ? Number.NaN : Number(match[1]) / Number(match[2]);
  return ratio >= 0.1 && ratio <= 10 ? ratio : null;
}

/**
 * The size of a film. Of one side and a shape the other side follows; of a shape alone, the largest in 3840x2160, or in
 * 2160x3840 when it is upright. Sides that follow are even; they may be beyond the limits of a side.
 */
export function sizeOf({ width, height }: WrittenSize, ratio = box.long / box.short): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: even(width / ratio) };
  if (height !== undefined) return { width: even(height * ratio), height };
  const [wide, high] = ratio >= 1 ? [box.long, box.short] : [box.short, box.long];
  return wide / high > ratio
    ? { width: even(high * ratio), height: high }
    : { width: wide, height: even(wide / ratio) };
}

/** A size by name (`1080p`), by both sides (`1920x1080`) or by shape (`9:16`); `null` for anything else. */
export function namedSize(text: string): Size | null {
  const plain = text.trim().toLowerCase().replaceAll('×', 'x');
  if (isSizeName(plain)) return namedSizes[plain];
  const sides = /^(\d{1,5})x(\d{1,5})$/.exec(plain);
  if (sides !== null) return { width: Number(sides[1]), height: Number(sides[2]) };
  const ratio = ratioOf(plain);
  return ratio === null ? null : sizeOf({}, ratio);
}

function isSizeName(text: string): text is keyof typeof namedSizes {
  return Object.hasOwn(namedSizes, text);
}

function even(side: number): number {
  return 2 * Math.round(side / 2);
}
