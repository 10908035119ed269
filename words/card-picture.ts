import { pictureOfWords } from './picture-of-words.ts';
import type { CaptionFrame } from './caption-picture.ts';
import type { Words, WordsPicture } from './picture-of-words.ts';

/** What stands on a card. */
export interface CardWords {
  readonly text: string;
  readonly subtitle?: string;
  /** `#rrggbb` */
  readonly background: string;
}

/** Size of title and subtitle, of the shorter side. */
const titleSize = 0.105;
const subtitleSize = 0.048;
/** The area of a picture that titles keep to (EBU R 95: 90 %), and some air. */
const safe = { width: 0.8, height: 0.7 };

/** The words of a card, in the middle of the film's picture; white on dark backgrounds, black on light ones. */
export function cardPicture(
  { text, subtitle, background }: CardWords,
  { width, height, language }: CaptionFrame,
): WordsPicture {
  const side = Math.min(width, height);
  const colour = luminance(background) > 0.18 ? '#000000' : '#ffffff';
  const blocks: Words[] = [{ text, size: side * titleSize, weight: 600, colour }];
  if (subtitle !== undefined) blocks.push({ text: subtitle, size: side * subtitleSize, weight: 400, colour });
  return pictureOfWords(blocks, {
    width,
    height,
    maxWidth: width * safe.width,
    maxHeight: height * safe.height,
    place: 'middle',
    outline: false,
    ...(language === undefined ? {} : { language }),
  });
}

/** Relative luminance of a colour (WCAG 2.1); above 0.18 black has more contrast to it than white. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
