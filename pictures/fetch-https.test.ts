import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchHttps } from './fetch-https.ts';
import type { HttpsRules } from './fetch-https.ts';

/**
 * Real servers, real TLS. 127.0.0.1 plays the public internet, 127.0.0.2 a private network: the rules of these tests call
 * the first one public, and what is asked of the second is counted.
 */
const files = new URL('fixtures/', import.meta.url);
let ca: string;
let outside: Server;
let inside: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let askedInside = 0;
let connectedInside = 0;
const seen: { readonly url: string | undefined; readonly host: string | undefined }[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const at = (host: string, path = '/a.png'): string => `https://${host}:${String(portOf(outside))}${path}`;
const redirectTo = (location: string) => {
  answer = (_, response) => response.writeHead(302, { location }).end();
};

beforeAll(async () => {
  ca = await readFile(new URL('server.pem', files), 'utf8');
  const key = await readFile(new URL('server-key.pem', files), 'utf8');
  outside = createServer({ key, cert: ca }, (request, response) => {
    seen.push({ url: request.url, host: request.headers.host });
    answer(request, response);
  });
  inside = createServer({ key, cert: ca }, (_, response) => {
    askedInside += 1;
    response.writeHead(200, { 'content-type': 'image/png' }).end('secret');
  });
  inside.on('connection', () => (connectedInside += 1));
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  await new Promise<void>((done) => inside.listen(portOf(outside), '127.0.0.2', done));
});
afterEach(() => {
  seen.length = 0;
  expect([askedInside, connectedInside]).toEqual([0, 0]);
});
afterAll(async () => {
  for (const server of [outside, inside]) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

const zone: Readonly<Record<string, readonly string[]>> = {
  'pictures.test': ['127.0.0.1'],
  'other.test': ['127.0.0.1'],
  'inside.test': ['127.0.0.2'],
  'both.test': ['127.0.0.1', '127.0.0.2'],
};
const rules = (changes: Partial<HttpsRules> = {}): HttpsRules => ({
  hosts: ['*'],
  resolve: (host) => Promise.resolve(zone[host] ?? []),
  mayConnect: (address) => address === '127.0.0.1',
  ca,
  ...changes,
});

describe('a picture on the web', () => {
  test('comes by https, with the name of its host in TLS and in the request', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png; x=y' }).end('bytes');
    expect(Buffer.from(await fetchHttps(at('pictures.test', '/a.png?sig=1'), rules())).toString()).toBe('bytes');
    expect(seen).toEqual([{ url: '/a.png?sig=1', host: `pictures.test:${String(portOf(outside))}` }]);
  });

  test('may be redirected, also to another host', async () => {
    answer = (request, response) => {
      if (request.url === '/a.png') response.writeHead(307, { location: at('other.test', '/b.png') }).end();
      else response.writeHead(200, { 'content-type': 'image/jpeg' }).end('other');
    };
    expect(Buffer.from(await fetchHttps(at('pictures.test'), rules())).toString()).toBe('other');
  });

  test('is looked up once for each hop, so that a second answer cannot differ from the checked one (F2)', async () => {
    let lookups = 0;
    answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('bytes');
    const resolve = () => Promise.resolve([(lookups += 1) === 1 ? '127.0.0.1' : '127.0.0.2']);
    await fetchHttps(at('pictures.test'), rules({ resolve }));
    expect(lookups).toBe(1);
  });
});

describe('nothing is fetched', () => {
  test('from a host that the operator did not name, also after a redirect (F1)', async () => {
    const hosts = ['pictures.test'];
    await expect(fetchHttps(at('other.test'), rules({ hosts: [] }))).rejects.toThrow(
      'set SHOTLINE_PICTURE_HOSTS=other.test',
    );
    expect(seen).toEqual([]);
    redirectTo(at('other.test', '/b.png'));
    await expect(fetchHttps(at('pictures.test'), rules({ hosts }))).rejects.toThrow(
      'which the operator does not allow',
    );
    expect(seen).toHaveLength(1);
  });

  test.each(['inside.test', 'both.test', '127.0.0.2', 'nobody.test', '[::ffff:127.0.0.2]', '0x7f000002', '2130706434'])(
    'from %s: an address that is private, however it is written or looked up (F2)',
    async (host) => {
      await expect(fetchHttps(at(host), rules())).rejects.toMatchObject({
        code: 'SCRIPT_INVALID',
        message: expect.stringContaining('not on the public internet') as unknown,
      });
      redirectTo(at(host, '/b.png'));
      await expect(fetchHttps(at('pictures.test'), rules())).rejects.toThrow('not on the public internet');
    },
  );

  test.each(['https://169.254.169.254/latest', 'https://localhost/a.png', 'https://[::1]/a.png', 'https://10.0.0.1/'])(
    'from %s with the rules that hold outside of tests',
    async (address) => {
      await expect(fetchHttps(address, { hosts: ['*'] })).rejects.toThrow('not on the public internet');
    },
  );

  test.each([
    ['http://pictures.test/a.png', 'only https:// is fetched'],
    ['file:///etc/passwd', 'only https:// is fetched'],
    ['https://user:secret@pictures.test/', 'carries a user name'],
  ])('from %s, at once or after a redirect (F1)', async (address, problem) => {
    await expect(fetchHttps(address, rules())).rejects.toThrow(problem);
    redirectTo(address);
    await expect(fetchHttps(at('pictures.test'), rules())).rejects.toThrow(problem);
  });

  test('in a circle', async () => {
    redirectTo(at('pictures.test'));
    await expect(fetchHttps(at('pictures.test'), rules())).rejects.toThrow('redirected more than 3 times');
    expect(seen).toHaveLength(4);
  });

  test('from a server whose certificate is not trusted, or is for another name', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('bytes');
    const self = rules();
    await expect(fetchHttps(at('pictures.test'), { ...self, ca: undefined as never })).rejects.toThrow('self-signed');
    const resolve = () => Promise.resolve(['127.0.0.1']);
    await expect(fetchHttps(at('stranger.test'), rules({ resolve }))).rejects.toThrow('stranger.test');
    expect(seen).toEqual([]);
  });

  test.each([
    [404, { 'content-type': 'image/png' }, 'status 404'],
    [200, { 'content-type': 'text/html' }, 'is of type "text/html"'],
    [200, {}, 'is of type ""'],
    [200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }, 'content-encoding gzip'],
    [200, { 'content-type': 'image/png', 'content-length': '99999999999' }, 'has more than 33554432 bytes'],
  ])('when the answer is %i with %j (F3)', async (status, headers, problem) => {
    answer = (_, response) => response.writeHead(status, headers as Record<string, string>).end('x');
    await expect(fetchHttps(at('pictures.test'), rules())).rejects.toThrow(problem);
  });

  test('beyond the limit, when a server sends without end (F3)', async () => {
    let sent = 0;
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20))) sent += 1;
      };
      response.on('drain', more);
      more();
    };
    await expect(fetchHttps(at('pictures.test'), rules())).rejects.toThrow('has more than 33554432 bytes');
    expect(sent).toBeLessThan(64);
  }, 60_000);
});
