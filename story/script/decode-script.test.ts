import { expect, test } from '@jest/globals';
import { decodeScript } from './decode-script.ts';

const text = 'title: Café 映画\nshots: []\n';
const utf16 = (mark: string): Buffer => Buffer.from(mark + text, 'utf16le');

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16 with a mark, as some shells write it', utf16('\ufeff')],
  ['UTF-16 without one', utf16('')],
  ['UTF-16 in the other order', utf16('\ufeff').swap16()],
])('a script in %s is read', (_, bytes) => {
  expect(decodeScript(bytes)).toEqual({ text });
});

test('no bytes are an empty text', () => {
  expect(decodeScript(new Uint8Array())).toEqual({ text: '' });
});

test.each([
  ['Latin-1', Buffer.from('shots: []\ntitle: Café\n', 'latin1'), 2, '(0xE9) that is no UTF-8'],
  ['a character that is cut off', Buffer.from('title: Café').subarray(0, -1), 1, '(0xC3) that is no UTF-8'],
  ['a lost byte of UTF-16', utf16('\ufeff').subarray(0, -1), 1, 'begins as UTF-16 and is damaged'],
])('%s is told with its line and what helps', (_, bytes, line, words) => {
  expect(decodeScript(bytes)).toEqual({
    problems: [
      {
        path: '',
        line,
        message: expect.stringMatching(
          new RegExp(`${words.replace(/[()]/g, '\\$&')}.*save (it|the script) as UTF-8`),
        ) as unknown,
      },
    ],
  });
});
