import { readFile, readdir, stat } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { readStackRecord } from '../../infra/local/stack-record.ts';
import { findStack } from '../../infra/local/stack.ts';
import { ArtifactKeys } from '../../storage/artifact-key.ts';
import { sealedObjects } from '../../storage/artifact-seal.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { FilmJson } from '../../cli/story/film-report.ts';
import { PrivateStack } from '../harness/private-stack.ts';
import { hasBrowser, withPage } from './browser.ts';
import { evilWorkflow, openEvilPage } from './evil-page.ts';
import type { Doors } from './evil-page.ts';

/** What reaches the local stack beside Shotline itself: web pages that are open, and other users of the machine. */

jest.setTimeout(180_000);

let stack: PrivateStack;
let film: FilmJson;
let objects: ObjectStore;
let doors: Doors;
let temporalAddress: string;

beforeAll(async () => {
  stack = await PrivateStack.create();
  film = await stack.render(
    await stack.writeStory(
      'doors.yaml',
      `title: Doors
output: { width: 128, height: 72 }
defaults: { steps: 2 }
shots:
  - { id: only, prompt: a red ball bounces on the grass by day }
`,
    ),
  );
  const state = await findStack({ env: stack.env });
  temporalAddress = state!.temporalAddress;
  objects = connectObjectStore(storageConfigFromEnv(state!.env));
  const { seaweed, temporal } = await readStackRecord(join(stack.dir, 'stack'));
  const path = new URL(film.filmUrl).pathname.replace('/shotline/', '');
  doors = { seaweed: seaweed!.ports, temporal: temporal!.ports, film: path };
}, 600_000);

afterAll(async () => {
  objects.close();
  await stack.destroy();
}, 60_000);

/** Every object with what its content is. */
async function everything(): Promise<readonly unknown[]> {
  const listed = await objects.list('');
  return Promise.all(listed.map(async ({ key }) => objects.head(key)));
}

(hasBrowser ? describe : describe.skip)('a web page of another origin', () => {
  test('reads, writes, deletes and starts nothing', async () => {
    const before = await everything();
    const attempts = await openEvilPage(doors);
    expect(attempts.length).toBeGreaterThan(40);
    expect(attempts.filter(({ read }) => read !== null)).toEqual([]);
    expect(await everything()).toEqual(before);
    expect((await fetch(film.filmUrl)).status).toBe(200);
    const connection = await Connection.connect({ address: temporalAddress });
    try {
      const started = new Client({ connection }).workflow.getHandle(evilWorkflow).describe();
      await expect(started).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    } finally {
      await connection.close();
    }
  });

  test('a presigned link still plays in a tab of its own', async () => {
    const seen = await withPage(async (page) => {
      await page.goto(film.filmUrl);
      await page.waitForFunction('document.querySelector("video").currentTime > 0.2', undefined, { timeout: 60_000 });
      return page.evaluate<number>('document.querySelector("video").videoWidth');
    });
    expect(seen).toBe(128);
  });
});

test('a presigned link gives the film, and parts of it, to any program', async () => {
  const whole = await stack.run('curl', ['-fsS', '-o', '/dev/null', '-w', '%{content_type}', film.filmUrl]);
  expect(whole).toMatchObject({ code: 0, stdout: 'video/mp4' });
  const part = await fetch(film.filmUrl, { headers: { range: 'bytes=4-7' } });
  expect({ status: part.status, text: await part.text() }).toEqual({ status: 206, text: 'ftyp' });
});

test('another user of the machine, without the certificate, gets nothing from the parts of the storage', async () => {
  const { s3, ...parts } = doors.seaweed;
  for (const port of Object.values(parts)) {
    expect(await overPlainHttp(port)).not.toBe(200);
    expect(await overTls(port)).toBe('refused');
    expect(await overHttp2(port)).toBe('refused');
  }
  expect((await fetch(`http://127.0.0.1:${String(s3)}/shotline`)).status).toBe(403);
});

test('the workers seal what they make with a key of the stack, which commands are not given', async () => {
  const key = (await readFile(join(stack.dir, 'stack', 'artifact-key'), 'utf8')).trim();
  expect(JSON.stringify(await findStack({ env: stack.env }))).not.toContain(key);
  const sealed = sealedObjects(objects, new ArtifactKeys([key]));
  const made = (await objects.list('')).filter((each) => /^(?:artifacts|films)\//.test(each.key));
  expect(made.length).toBeGreaterThan(8);
  for (const { key: name } of made) expect(await sealed.head(name)).toMatchObject({ key: name, isBelieved: true });
});

test('no file of the stack can be read by others', async () => {
  const dir = join(stack.dir, 'stack');
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  // SeaweedFS gives its lists of volumes, `.vif`, a mode of its own; nobody gets past the folder.
  const files = entries.filter((entry) => (entry.isFile() && !entry.name.endsWith('.vif')) || entry.isDirectory());
  const modes = await Promise.all(
    [dir, ...files.map((entry) => join(entry.parentPath, entry.name))].map(async (path) => ({
      path,
      forOthers: (await stat(path)).mode & 0o077,
    })),
  );
  expect(modes.length).toBeGreaterThan(20);
  expect(modes.filter(({ forOthers }) => forOthers !== 0)).toEqual([]);
});

/** The status of an answer without TLS; `null` for none. */
async function overPlainHttp(port: number): Promise<number | null> {
  return fetch(`http://127.0.0.1:${String(port)}/dir/status`).then(
    ({ status }) => status,
    () => null,
  );
}

function overTls(port: number): Promise<string> {
  return new Promise((resolve) => {
    const asked = requestHttps(
      { host: '127.0.0.1', port, path: '/dir/status', rejectUnauthorized: false },
      (answer) => {
        answer.resume();
        resolve(`HTTP ${String(answer.statusCode)}`);
      },
    );
    asked.on('error', () => {
      resolve('refused');
    });
    asked.end();
  });
}

/** As gRPC begins. */
function overHttp2(port: number): Promise<string> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    const refused = (): void => {
      resolve('refused');
    };
    session.on('error', refused).on('close', refused);
    session
      .request({ ':method': 'POST', ':path': '/filer_pb.SeaweedFiler/ListEntries' })
      .on('error', refused)
      .on('response', (headers) => {
        resolve(`HTTP ${String(headers[':status'])}`);
        session.destroy();
      })
      .end();
  });
}
