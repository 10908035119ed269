import { describe, expect, test } from '@jest/globals';
import { captionPicture } from './caption-picture.ts';
import { cardPicture } from './card-picture.ts';
import { fontsFor, missingSigns } from './fonts.ts';
import type { WordsPicture } from './picture-of-words.ts';
import { linesOf } from './text-lines.ts';

/** One pixel a sign. */
const count = (text: string): number => Array.from(text).length;

describe('lines of text', () => {
  test('are even, and as few as they can be', () => {
    expect(linesOf('the boat comes home over a calm sea', count, 30)).toEqual([
      'the boat comes home',
      'over a calm sea',
    ]);
    expect(linesOf('short', count, 30)).toEqual(['short']);
    expect(linesOf('one\ntwo', count, 30)).toEqual(['one', 'two']);
  });

  test('end where Chinese, Japanese and Thai let them, and never begin with a stop or end with a bracket', () => {
    const japanese = linesOf('灯台守は、「星」を数えている。', count, 6, 'ja');
    expect(japanese.join('')).toBe('灯台守は、「星」を数えている。');
    expect(japanese.every((line) => !/^[、。」]/u.test(line) && !line.endsWith('「'))).toBe(true);
    const thai = linesOf('คนเฝ้าประภาคารรอเรือที่ไม่เคยมา', count, 16, 'th');
    expect(thai.length).toBeGreaterThan(1);
    // No line begins with a mark that belongs to the letter before it.
    expect(thai.every((line) => !/^\p{M}/u.test(line))).toBe(true);
    expect(thai.join('')).toBe('คนเฝ้าประภาคารรอเรือที่ไม่เคยมา');
  });

  test('keep words with their signs, and break a word that is too wide', () => {
    expect(linesOf('Wait! (Who?) "Me."', count, 7)).toEqual(['Wait!', '(Who?)', '"Me."']);
    expect(linesOf('abcdefghij', count, 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(linesOf("don't stop", count, 6)).toEqual(["don't", 'stop']);
  });
});

/** Where something is to be seen, as shares of the picture. */
function seen({ width, height, data }: WordsPicture) {
  let [left, right, top, bottom] = [1, 0, 1, 0];
  for (let at = 0; at < width * height; at += 1) {
    if (data[4 * at + 3]! < 128) continue;
    const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  return { left, right, top, bottom };
}

const scripts = {
  Latin: 'The lighthouse at Ærøskøbing',
  Greek: 'Ο φάρος στη θάλασσα',
  Cyrillic: 'Маяк на берегу моря',
  Arabic: 'منارة على البحر',
  Hebrew: 'המגדלור על הים',
  Devanagari: 'प्रकाशस्तंभ और क्षत्रिय',
  Thai: 'ประภาคารริมทะเล',
  Chinese: '灯塔看守人',
  Japanese: '灯台守の夜',
  Korean: '등대지기의 밤',
  emoji: '🚤 👩‍👩‍👧 🇩🇪 👍🏽 ❤️ 1️⃣ ★',
};

describe('words in pictures', () => {
  test.each(Object.entries(scripts))('in %s have all their signs', (_, text) => {
    expect(missingSigns(text)).toEqual([]);
    const picture = captionPicture(text, { width: 640, height: 360 });
    const { left, right, top, bottom } = seen(picture);
    expect(right - left).toBeGreaterThan(0.1);
    expect(Math.abs(left + right - 1)).toBeLessThan(0.03);
    expect(top).toBeGreaterThan(0.7);
    expect(bottom).toBeLessThan(0.95);
  });

  test('stay in the safe area, however many they are, lying and upright', () => {
    for (const frame of [
      { width: 640, height: 360 },
      { width: 360, height: 640 },
    ]) {
      const caption = seen(captionPicture('The lighthouse keeper waits for the boat. '.repeat(5), frame));
      expect(caption.left).toBeGreaterThan(0.05);
      expect(caption.right).toBeLessThan(0.95);
      expect(caption.top).toBeGreaterThan(0.58);
      const card = seen(
        cardPicture({ text: 'Lighthouse '.repeat(10), subtitle: 'x '.repeat(90), background: '#000000' }, frame),
      );
      expect(card.left).toBeGreaterThan(0.08);
      expect(card.top).toBeGreaterThan(0.1);
      expect(card.bottom).toBeLessThan(0.9);
    }
  });

  test('are white on dark cards and black on light ones', () => {
    const inkOf = (background: string) => {
      const { data } = cardPicture({ text: 'O', background }, { width: 320, height: 180 });
      const at = data.findIndex((value, index) => index % 4 === 3 && value === 255);
      return data[at - 1];
    };
    expect(['#000000', '#1b2a49', '#ffffff', '#ffd54f'].map(inkOf)).toEqual([255, 255, 0, 0]);
  });

  test('Chinese, Japanese and Korean are written as their language does', () => {
    const first = (text: string, language?: string) => /noto-sans-(jp|kr|sc|tc)/.exec(fontsFor(text, language))?.[1];
    expect(['ja', 'ko', 'zh-Hans', 'zh-Hant', 'zh-TW', 'zh'].map((language) => first('直骨', language))).toEqual([
      'jp',
      'kr',
      'sc',
      'tc',
      'tc',
      'sc',
    ]);
    expect(['灯台の夜', '등대 燈', '灯塔'].map((text) => first(text))).toEqual(['jp', 'kr', 'sc']);
  });

  test('in scripts that no font has are told sign by sign', () => {
    expect(missingSigns('A ᠮᠮ 𓀀')).toEqual(['ᠮ', '𓀀']);
  });
});
