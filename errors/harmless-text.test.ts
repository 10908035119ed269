import { describe, expect, test } from '@jest/globals';
import { harmlessLine, harmlessText } from './harmless-text.ts';

describe('what could do harm is escaped', () => {
  test.each([
    ['a colour', 'a\u001b[31mb', 'a\\u001b[31mb'],
    ['a title of the window', '\u001b]0;PWNED\u0007', '\\u001b]0;PWNED\\u0007'],
    ['the same in one byte of C1', '\u009b2J\u009d', '\\u009b2J\\u009d'],
    ['a carriage return and a backspace', 'good\rbad\b', 'good\\u000dbad\\u0008'],
    ['text from right to left', 'gpj\u202egnp', 'gpj\\u202egnp'],
    ['isolates and marks', '\u2066a\u2069\u200e\u061c', '\\u2066a\\u2069\\u200e\\u061c'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['what has no width', 'pay\u200bpal\u2060\ufeff\u00ad', 'pay\\u200bpal\\u2060\\ufeff\\u00ad'],
    ['a joiner between Latin letters', 'pay\u200dpal', 'pay\\u200dpal'],
    ['fillers', 'a\u3164b\u2800', 'a\\u3164b\\u2800'],
    ['tags', 'a\u{e0041}', 'a\\udb40\\udc41'],
    ['a grapheme joiner', 'pay\u034fpal', 'pay\\u034fpal'],
    ['variation selectors after letters', 'a\ufe0fb\u{e0100}', 'a\\ufe0fb\\udb40\\udd00'],
    ['a row of selectors after an emoji', '❤\ufe0f\ufe0f\ufe01', '❤\ufe0f\\ufe0f\\ufe01'],
    ['a selector after a digit', '5\ufe0f', '5\\ufe0f'],
    [
      'tags after a flag that spell no country',
      '🏴\u{e0068}\u{e0069}\u{e007f}',
      '🏴\\udb40\\udc68\\udb40\\udc69\\udb40\\udc7f',
    ],
    ['vowels of Khmer that nobody writes', 'ក\u17b4', 'ក\\u17b4'],
    ['a joiner between signs on Latin letters', 'e\u0301\u200d\u0301', 'e\u0301\\u200d\u0301'],
    ['a joiner between characters that do not join', '映\u200d画', '映\\u200d画'],
    ['two joiners', 'می\u200c\u200cخواهم', 'می\\u200c\\u200cخواهم'],
    ['notes between lines', 'a\ufff9b\ufffb', 'a\\ufff9b\\ufffb'],
    ['what Unicode has not given out yet', 'a\u{e0fff}', 'a\\udb43\\udfff'],
    ['half a character', 'a\ud800', 'a\\ud800'],
    ['DEL and NUL', '\u007f\u0000', '\\u007f\\u0000'],
  ])('%s', (_, text, shown) => {
    expect(harmlessLine(text)).toBe(shown);
    expect(JSON.parse(`"${harmlessLine(text)}"`)).toBe(text);
  });

  test('line breaks and tabs in a line, but not in text of several', () => {
    expect(harmlessLine('a\n\tb')).toBe('a\\u000a\\u0009b');
    expect(harmlessText('a\n\tb\r\n\u001b')).toBe('a\n\tb\\u000d\n\\u001b');
  });
});

describe('what people write stays', () => {
  test.each([
    'Été à la plage — “quoted” 1 000 €',
    '映画 🎬 чайка θάλασσα',
    'زورق أحمر، می\u200cخواهم \u0600١٢',
    'क्\u200dष नमस्ते',
    '👩\u200d🚀 👨🏽\u200d💻 ❤️\u200d🔥',
    '1\ufe0f\u20e3 ❤\ufe0f ☎\ufe0e 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 🇫🇷 👍🏽',
    'അവന്\u200d ක්\u200dර র\u200d্য ৰ্\u200c',
    'ᠮᠣᠩᠭᠣᠯ ᠭ\u180bᠠ 葛\u{e0100} 神\ufe00',
    'עִבְרִית ไทย 한국어 ქართული አማርኛ',
    'tilde ~ back\\slash `code` <tag> & "quotes"',
    'no-break\u00a0space and ideographic\u3000space',
  ])('%s', (text) => {
    expect(harmlessLine(text)).toBe(text);
  });
});
