import { createCanvas } from '@napi-rs/canvas';
import type { SKRSContext2D } from '@napi-rs/canvas';
import { fontsFor } from './fonts.ts';
import { linesOf } from './text-lines.ts';

/** A picture with transparency: rows of red, green, blue, alpha, packed; colours are not multiplied by alpha. */
export interface WordsPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Words of one size. */
export interface Words {
  readonly text: string;
  /** Height of the letters' body, pixels. */
  readonly size: number;
  /** 100 (thin) … 900 (black). */
  readonly weight: number;
  /** `#rrggbb` */
  readonly colour: string;
}

/** Where words are drawn. */
export interface WordsLayout {
  /** Size of the picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** Widest line, pixels. */
  readonly maxWidth: number;
  /** Most height of all lines together; words that need more are drawn smaller. Pixels. */
  readonly maxHeight: number;
  /** Where the block of lines stands: its lower edge at `bottom`, or its middle in the middle of the picture. */
  readonly place: { readonly bottom: number } | 'middle';
  /** A dark line around the letters, for pictures that nobody knows. */
  readonly outline: boolean;
  /** Tag of BCP 47. */
  readonly language?: string;
}

/** Distance of two lines, and of two blocks, in sizes. */
const leading = 1.35;
const gap = 0.7;
/** Words that do not fit are drawn smaller, so often at most. */
const shrinkRounds = 12;
const shrink = 0.9;

/** Draws blocks of words under each other, each line in the middle; right-to-left scripts run right to left. */
export function pictureOfWords(blocks: readonly Words[], layout: WordsLayout): WordsPicture {
  const canvas = createCanvas(layout.width, layout.height);
  const context = canvas.getContext('2d');
  let placed = placeBlocks(context, blocks, layout);
  let smaller = blocks;
  for (let round = 0; round < shrinkRounds && placed.height > layout.maxHeight; round += 1) {
    smaller = smaller.map((block) => ({ ...block, size: block.size * shrink }));
    placed = placeBlocks(context, smaller, layout);
  }
  const top =
    layout.place === 'middle'
      ? (layout.height - placed.height) / 2
      : layout.height - layout.place.bottom - placed.height;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  for (const { words, text, fonts, y } of placed.lines) {
    context.font = fontOf(words, fonts);
    context.direction = isRightToLeft(text) ? 'rtl' : 'ltr';
    const [x, baseline] = [layout.width / 2, top + y + 0.35 * words.size];
    if (layout.outline) {
      context.shadowColor = 'rgba(0, 0, 0, 0.55)';
      context.shadowBlur = words.size * 0.18;
      context.strokeStyle = '#000000';
      context.lineWidth = words.size * 0.16;
      context.strokeText(text, x, baseline);
      context.shadowColor = 'transparent';
    }
    context.fillStyle = words.colour;
    context.fillText(text, x, baseline);
  }
  const { data } = context.getImageData(0, 0, layout.width, layout.height);
  return {
    width: layout.width,
    height: layout.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

interface PlacedLine {
  readonly words: Words;
  readonly text: string;
  readonly fonts: string;
  /** Middle of the line, from the top of the block. */
  readonly y: number;
}

function placeBlocks(
  context: SKRSContext2D,
  blocks: readonly Words[],
  { maxWidth, language }: WordsLayout,
): { readonly lines: readonly PlacedLine[]; readonly height: number } {
  let height = 0;
  const lines = blocks.flatMap((words, index) => {
    const fonts = fontsFor(words.text, language);
    context.font = fontOf(words, fonts);
    const texts = linesOf(words.text, (text) => context.measureText(text).width, maxWidth, language);
    if (index > 0) height += gap * words.size;
    return texts.map((text) => {
      const line = { words, text, fonts, y: height + (leading * words.size) / 2 };
      height += leading * words.size;
      return line;
    });
  });
  return { lines, height };
}

function fontOf({ weight, size }: Words, fonts: string): string {
  return `${weight} ${size.toFixed(2)}px ${fonts}`;
}

/** Whether the first letter of a text belongs to a script that runs from right to left. */
function isRightToLeft(text: string): boolean {
  const [letter = ''] = /\p{L}/u.exec(text) ?? [];
  return /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Thaana}\p{sc=Syriac}\p{sc=Nko}]/u.test(letter);
}
