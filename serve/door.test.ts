import { describe, expect, test } from '@jest/globals';
import { Door } from './door.ts';

const host = '127.0.0.1:4700';
const origin = `http://${host}`;

function codeOf(door: Door, method: string, path: string, headers: Record<string, string>): string {
  try {
    door.check({ method, path, headers: { host, ...headers } });
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function browser(door: Door): Record<string, string> {
  const session = door.admit(door.ticket());
  return { cookie: `theme=dark; ${door.cookieName}=${session ?? ''}` };
}

describe('the door', () => {
  const door = new Door(4700);
  const key = { authorization: `Bearer ${door.key}` };

  test.each(['127.0.0.1:4700', 'localhost:4700', '[::1]:4700', 'LOCALHOST:4700'])('(G1) answers as %s', (name) => {
    expect(codeOf(door, 'GET', '/v1/stories', { ...key, host: name })).toBe('ok');
  });

  test('(G1) answers on port 80 as clients name it there: without the port', () => {
    const usual = new Door(80);
    const own = { authorization: `Bearer ${usual.key}` };
    expect(codeOf(usual, 'GET', '/v1/stories', { ...own, host: '127.0.0.1' })).toBe('ok');
    expect(codeOf(usual, 'POST', '/v1/stories', { ...own, host: 'localhost', origin: 'http://localhost' })).toBe('ok');
    expect(codeOf(usual, 'GET', '/v1/stories', { ...own, host: 'evil.example' })).toBe('HOST_UNKNOWN');
  });

  test.each(['evil.example:4700', '127.0.0.1', '127.0.0.1:4701', '127.0.0.1.evil.example:4700', ''])(
    '(G1) answers nothing as %j, with the right key too',
    (name) => {
      expect(codeOf(door, 'GET', '/v1/stories', { ...key, host: name })).toBe('HOST_UNKNOWN');
      expect(codeOf(door, 'GET', '/open', { host: name })).toBe('HOST_UNKNOWN');
    },
  );

  test.each(['http://evil.example', 'http://127.0.0.1:4701', 'https://127.0.0.1:4700', 'null'])(
    '(G2) a page of %s gets nothing, with the cookie too',
    (other) => {
      for (const method of ['GET', 'POST'])
        expect(codeOf(door, method, '/v1/stories', { ...browser(door), origin: other })).toBe('ORIGIN_FOREIGN');
    },
  );

  test.each(['cross-site', 'same-site'])('(G2) pictures and scripts are not lent to a %s page', (site) => {
    const visit = { ...browser(door), 'sec-fetch-site': site };
    expect(codeOf(door, 'GET', '/v1/stories/a/poster', { ...visit, 'sec-fetch-mode': 'no-cors' })).toBe(
      'ORIGIN_FOREIGN',
    );
    expect(codeOf(door, 'GET', '/v1/stories/a/film', { ...visit, 'sec-fetch-mode': 'navigate' })).toBe(
      'ORIGIN_FOREIGN',
    );
    // A link to the page may stand anywhere.
    expect(codeOf(door, 'GET', '/stories/a', { ...visit, 'sec-fetch-mode': 'navigate' })).toBe('ok');
  });

  test('(G2) a change with the cookie must say where it comes from', () => {
    const inside = browser(door);
    expect(codeOf(door, 'POST', '/v1/stories', inside)).toBe('KEY_MISSING');
    expect(codeOf(door, 'POST', '/v1/stories', { ...inside, origin })).toBe('ok');
    expect(codeOf(door, 'POST', '/v1/stories', { ...inside, 'sec-fetch-site': 'same-origin' })).toBe('ok');
  });

  test.each([
    {},
    { authorization: 'Bearer slk_local_wrong' },
    { authorization: 'Basic YTpi' },
    { 'x-api-key': '' },
    { cookie: 'shotline_4700=guessed' },
    { cookie: 'shotline_4700=' },
  ])('(G3) %j is no key', (headers) => {
    expect(codeOf(door, 'GET', '/v1/stories', headers as Record<string, string>)).toBe('KEY_MISSING');
  });

  test('(G3) the key opens, in both of its headers', () => {
    expect(codeOf(door, 'POST', '/v1/stories', key)).toBe('ok');
    expect(codeOf(door, 'POST', '/v1/stories', { 'x-api-key': door.key })).toBe('ok');
  });

  test('(G3) a wrong key is not saved by a cookie', () => {
    expect(codeOf(door, 'GET', '/v1/stories', { ...browser(door), authorization: 'Bearer wrong' })).toBe('KEY_MISSING');
  });

  test('(G3) a ticket lets one browser in, once', () => {
    const ticket = door.ticket();
    expect(door.admit(ticket)).not.toBeNull();
    expect(door.admit(ticket)).toBeNull();
    expect(door.admit('guessed')).toBeNull();
  });

  test('only the way in is open', () => {
    expect(codeOf(door, 'GET', '/open', {})).toBe('ok');
    for (const path of ['/', '/open/', '/open/../v1/stories', '/assets/studio.js', '/docs'])
      expect(codeOf(door, 'GET', path, {})).toBe('KEY_MISSING');
  });

  test('a browser that was let in long ago gives its place to later ones', () => {
    const other = new Door(4700);
    const first = browser(other);
    for (let count = 0; count < 31; count++) browser(other);
    expect(other.knows(first)).toBe(true);
    browser(other);
    expect(other.knows(first)).toBe(false);
  });
});
