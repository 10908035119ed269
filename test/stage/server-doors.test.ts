import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Door } from '../../serve/door.ts';
import { createServer } from '../../serve/server.ts';
import { freePort } from '../harness/free-port.ts';

/** A server without Temporal and storage behind it: what it refuses, it refuses before it asks them. */

const root = join(import.meta.dirname, '../..');
let server: FastifyInstance;
let door: Door;
let port: number;
let connection: Connection;

beforeAll(async () => {
  // A door knows its port, so one is found first.
  port = await freePort();
  connection = Connection.lazy({ address: '127.0.0.1:1' });
  door = new Door(port);
  server = await createServer({
    client: new Client({ connection }),
    temporal: {
      address: '127.0.0.1:1',
      namespace: 'default',
      apiKey: null,
      tls: null,
      uiUrl: null,
      queues: 'shotline',
    },
    env: {
      SHOTLINE_S3_ENDPOINT: 'http://127.0.0.1:1',
      SHOTLINE_S3_ACCESS_KEY_ID: 'a',
      SHOTLINE_S3_SECRET_ACCESS_KEY: 'b',
    },
    root,
    version: '0.0.0',
    modelsDir: join(root, 'models'),
    pictureHosts: [],
    pictureBuckets: [],
    door,
    log: pino({ level: 'silent' }),
  });
  await server.listen({ host: '127.0.0.1', port });
}, 60_000);

afterAll(async () => {
  await server.close();
  await connection.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks with headers as they are, which `fetch` would not send. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const key = (): Record<string, string> => ({ authorization: `Bearer ${door.key}` });
const json = { 'content-type': 'application/json' };

describe('without a key', () => {
  test.each([
    '/',
    '/new',
    '/stories/a',
    '/docs',
    '/openapi.json',
    '/assets/studio.js',
    '/v1/stories',
    '/v1/health',
    '/nothing',
  ])('%s is closed', async (path) => {
    expect(await ask('GET', path)).toMatchObject({ status: 401 });
  });

  test('a guessed link opens nothing', async () => {
    const answer = await ask('GET', '/open?ticket=guessed');
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('the link opens the page, once', async () => {
    const path = `/open?ticket=${door.ticket()}`;
    const first = await ask('GET', path);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    const [cookie] = first.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    const page = await ask('GET', '/', { cookie: cookie!.split(';')[0]! });
    expect(page.status).toBe(200);
    expect((await ask('GET', path)).status).toBe(401);
  });
});

describe('with the key', () => {
  test('another host is refused, as a page that points its name here would ask', async () => {
    expect((await ask('GET', '/v1/stories', { ...key(), host: `evil.example:${String(port)}` })).status).toBe(421);
  });

  test('another origin is refused', async () => {
    expect((await ask('POST', '/v1/stories', { ...key(), ...json, origin: 'http://evil.example' }, '{}')).status).toBe(
      403,
    );
  });

  test.each([
    '/assets/../package.json',
    '/assets/..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/assets/....//package.json',
    '/v1/../package.json',
    '/assets/studio.js%00.css',
  ])('%s leads to no file', async (path) => {
    const { status, body } = await ask('GET', path, key());
    expect([400, 404]).toContain(status);
    expect(body).not.toMatch(/"dependencies"|root:/);
  });

  test('a body of 1 GiB is refused by its length, before it comes', async () => {
    for (const path of ['/v1/stories', '/v1/scripts/validate', '/v1/files']) {
      const type = path === '/v1/files' ? { 'content-type': 'image/png' } : json;
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        let told = '';
        socket.on('data', (part) => {
          told += part.toString();
          if (told.includes('\r\n\r\n')) socket.destroy();
        });
        socket.on('error', reject);
        socket.on('close', () => {
          resolve(told);
        });
        const head = { host: `127.0.0.1:${String(port)}`, ...key(), ...type, 'content-length': String(2 ** 30) };
        const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
        socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    }
  });

  test.each([
    [`GET / HTTP/1.1\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
    ['NONSENSE\r\n\r\n', 400],
  ])('what is no request is told so as every problem is (%#)', async (sent, status) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(sent));
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part));
      socket.on('end', () => {
        resolve(Buffer.concat(parts).toString());
      });
      socket.on('error', reject);
    });
    expect(answer).toContain(`HTTP/1.1 ${String(status)} `);
    expect(answer).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status, code: 'REQUEST_INVALID' });
  });

  test('a body without a length ends when it is too long', async () => {
    const asked = new Promise<Answer>((resolve, reject) => {
      const long = request(
        { host: '127.0.0.1', port, method: 'POST', path: '/v1/scripts/validate', headers: { ...key(), ...json } },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' });
        },
      );
      long.on('error', reject);
      long.write(`{"script":"${'x'.repeat(700_000)}`);
      long.end('y'.repeat(700_000));
    });
    expect((await asked).status).toBe(413);
  });

  test('a script with HTML and control characters in its title is no page, and no control', async () => {
    const script =
      'title: "<img src=x onerror=alert(1)>"\nshots:\n  - { id: a, prompt: a red boat on the sea by day }\n';
    const answer = await ask('POST', '/v1/scripts/validate', { ...key(), ...json }, JSON.stringify({ script }));
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(JSON.parse(answer.body)).toMatchObject({ valid: true, title: '<img src=x onerror=alert(1)>' });
    const odd = 'title: "a\\u001b[2J"\nshots:\n  - { id: a, prompt: a red boat }\n';
    const refused = await ask('POST', '/v1/scripts/validate', { ...key(), ...json }, JSON.stringify({ script: odd }));
    expect(JSON.parse(refused.body)).toMatchObject({ valid: false, problems: [{ path: 'title', line: 1 }] });
  });

  test.each(['../../../../etc/passwd', '/etc/passwd', 'files/../../etc/passwd'])(
    'a script that names %s reads nothing of this machine',
    async (picture) => {
      const script = `shots:\n  - { id: a, animate: ${picture}, prompt: a red boat on the sea by day }\n`;
      const { body } = await ask('POST', '/v1/scripts/validate', { ...key(), ...json }, JSON.stringify({ script }));
      expect(JSON.parse(body)).toMatchObject({ valid: false, problems: [{ line: 2, path: 'shots[0].animate' }] });
      expect(body).not.toContain('root:');
    },
  );

  test.each([
    ['{', 'REQUEST_INVALID'],
    ['{}', 'REQUEST_INVALID'],
    ['{"script":3}', 'REQUEST_INVALID'],
    ['[]', 'REQUEST_INVALID'],
  ])('the body %s is told as wrong', async (body, code) => {
    const answer = await ask('POST', '/v1/stories', { ...key(), ...json }, body);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code });
  });

  test.each([`/v1/stories/${'x'.repeat(600)}`, '/v1/stories/%zz'])(
    'an address that is none is told as a problem',
    async (path) => {
      const answer = await ask('GET', path, key());
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect([400, 414]).toContain(answer.status);
    },
  );

  test('a file without bytes is told as wrong', async () => {
    const answer = await ask('POST', '/v1/files', key());
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  test('the page allows its own script, and pictures of the storage', async () => {
    const policy = String((await ask('GET', '/', key())).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("img-src 'self' data: http://127.0.0.1:1;");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  test('the OpenAPI document describes every address, and the page of it has no script', async () => {
    const api = JSON.parse((await ask('GET', '/openapi.json', key())).body) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining([
        '/v1/stories',
        '/v1/stories/{id}',
        '/v1/stories/{id}/events',
        '/v1/stories/{id}/film',
        '/v1/files',
      ]),
    );
    const docs = await ask('GET', '/docs', key());
    expect(docs.status).toBe(200);
    expect(docs.body).not.toMatch(/<script|https?:\/\/(?!127)/);
  });
});
