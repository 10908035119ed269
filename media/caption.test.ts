import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captionHeight, captionLines, drawCaption } from './caption.ts';

/** Pixels of `signs` signs at scale 1, without the gap after the last. */
const room = (signs: number): number => signs * 6 - 1;

describe('captionLines', () => {
  test('keeps a short caption on one line', () => {
    expect(captionLines('boat: a red boat', 1, room(16), 2)).toEqual(['boat: a red boat']);
  });

  test('breaks between words', () => {
    expect(captionLines('boat: a red boat sails to the right', 1, room(18), 3)).toEqual([
      'boat: a red boat',
      'sails to the right',
    ]);
  });

  test('ends in an ellipsis what the lines have no room for', () => {
    expect(captionLines('one two three four five', 1, room(9), 2)).toEqual(['one two', 'three...']);
    expect(captionLines('one two three four five', 1, room(7), 2)).toEqual(['one two', 'thre...']);
  });

  test('breaks a word that is longer than a line', () => {
    expect(captionLines('a lighthousekeeper', 1, room(10), 3)).toEqual(['a', 'lighthouse', 'keeper']);
  });

  test('never draws wider than asked, and loses nothing where there are lines enough', () => {
    // fast-check's own 'binary' takes seconds to list its units.
    const unit = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), fc.integer({ min: 4, max: 20 }), (text, signs) => {
        const lines = captionLines(text, 2, 2 * room(signs), 99);
        for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(signs);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const line of captionLines(text, 2, 2 * room(signs), 1))
          expect(Array.from(line).length).toBeLessThanOrEqual(signs);
      }),
    );
  });
});

describe('drawCaption', () => {
  test('draws line under line and stays within the height it says', () => {
    const [width, height] = [40, captionHeight(2, 2)];
    const picture = { width, height, data: new Uint8Array(width * height * 3) };
    drawCaption(picture, ['I', 'L'], { x: 0, y: 0 }, 2, [9, 9, 9]);
    const isDrawn = (x: number, y: number): boolean => picture.data[(y * width + x) * 3] === 9;
    // The foot of the L is the last row: five dots of two pixels.
    expect([0, 9, 10].map((x) => isDrawn(x, height - 1))).toEqual([true, true, false]);
    // The bar of the I is in the middle of the first line; between the lines is nothing.
    expect(isDrawn(4, 7)).toBe(true);
    expect(Array.from({ length: width }, (_, x) => isDrawn(x, 16))).not.toContain(true);
  });
});
