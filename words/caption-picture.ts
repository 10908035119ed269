import { pictureOfWords } from './picture-of-words.ts';
import type { WordsPicture } from './picture-of-words.ts';

/** Size of the film, and the language of its words. */
export interface CaptionFrame {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Tag of BCP 47. */
  readonly language?: string;
}

/** Shares of a picture that every screen shows, whatever it cuts off: EBU R 95 keeps words 5 % away from the edges. */
const safe = { width: 0.86, bottom: 0.07 };
/** Size of the letters, of the shorter side; upright films are watched on small screens. */
const lyingSize = 0.05;
const uprightSize = 0.055;
/** Captions cover at most a third of the picture. */
const mostHeight = 0.33;

/** A caption as it lies over the frames of a film: white letters with a dark outline, readable on any picture. */
export function captionPicture(text: string, { width, height, language }: CaptionFrame): WordsPicture {
  const size = height > width ? width * uprightSize : height * lyingSize;
  return pictureOfWords([{ text, size, weight: 600, colour: '#ffffff' }], {
    width,
    height,
    maxWidth: width * safe.width,
    maxHeight: height * mostHeight,
    place: { bottom: height * safe.bottom },
    outline: true,
    ...(language === undefined ? {} : { language }),
  });
}
