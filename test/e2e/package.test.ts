import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findStack } from '../../infra/local/stack.ts';
import { PrivateServer } from '../harness/private-server.ts';
import { PrivateStack, finished } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';

/** What `npm pack` gives, in an empty folder: the example of a program is compiled against it and makes a film. */

const root = join(import.meta.dirname, '../..');
let app: string;
let stack: PrivateStack;
let server: PrivateServer;

const run = (program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<CommandRun> =>
  finished(spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
const ok = async (going: Promise<CommandRun>): Promise<string> => {
  const { code, stdout, stderr } = await going;
  if (code !== 0) throw new Error(`ended with ${String(code)}\n${stdout}\n${stderr}`);
  return stdout;
};

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'shotline-app-'));
  // The packages that npm would install are those of the repository.
  await mkdir(join(app, 'node_modules', 'shotline'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name));
  await ok(run('npm', ['run', '--silent', 'build'], root, { NODE_OPTIONS: '' }));
  await ok(run('npm', ['pack', '--silent', '--pack-destination', app], root, { NODE_OPTIONS: '' }));
  const [file] = (await readdir(app)).filter((name) => name.endsWith('.tgz'));
  await ok(run('tar', ['xzf', file!, '--strip-components=1', '-C', 'node_modules/shotline'], app));
  await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  await cp(join(root, 'examples/embed/make-film.ts'), join(app, 'make-film.ts'));
  stack = await PrivateStack.create();
  server = await PrivateServer.start(stack);
}, 600_000);

afterAll(async () => {
  await server.stop();
  await stack.destroy();
  await rm(app, { recursive: true, force: true });
}, 120_000);

test('the package has types: the example compiles against them, and wrong calls do not', async () => {
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await ok(run(process.execPath, [tsc, ...options, 'make-film.ts'], app));
  await writeFile(
    join(app, 'wrong.ts'),
    "import { createClient } from 'shotline';\nawait createClient({ url: 'http://a' }).submit(3);\n",
  );
  const wrong = await run(process.execPath, [tsc, '--noEmit', ...options, 'wrong.ts'], app);
  expect(wrong.stdout).toMatch(/key/);
  expect(wrong.stdout).toMatch(/number/);
}, 300_000);

test('a program makes a film by the server, and finds it again by Temporal and the storage', async () => {
  const far = await ok(run(process.execPath, ['make-film.js', 'far.mp4'], app, { URL: server.url, KEY: server.key }));
  expect(far).toMatch(/^(running|stitching) \d+ of \d+$/m);
  expect(far).toMatch(/^far\.mp4: 24 frames$/m);
  const { env } = (await findStack({ env: stack.env }))!;
  const near = await ok(
    run(process.execPath, ['make-film.js', 'near.mp4'], app, {
      TEMPORAL: env['SHOTLINE_TEMPORAL_ADDRESS'],
      S3: env['SHOTLINE_S3_ENDPOINT'],
      S3_KEY: env['SHOTLINE_S3_ACCESS_KEY_ID'],
      S3_SECRET: env['SHOTLINE_S3_SECRET_ACCESS_KEY'],
    }),
  );
  expect(near).toMatch(/^near\.mp4: 24 frames$/m);
  const [a, b] = await Promise.all(['far.mp4', 'near.mp4'].map((name) => stat(join(app, name))));
  expect([a!.size > 1000, b!.size]).toEqual([true, a!.size]);
}, 600_000);

test('a program is told what is wrong, with the code', async () => {
  const stranger = await run(process.execPath, ['make-film.js'], app, { URL: server.url, KEY: 'slk_wrong' });
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('KEY_MISSING')]);
}, 60_000);

test('the command of the package checks scripts, and makes a film with workers of its own', async () => {
  const cli = 'node_modules/shotline/cli/shotline.mjs';
  const story = join(app, 'story.yaml');
  const shot = '{ id: a, seconds: 0.5, prompt: a red boat sails to the right on the sea at sunset }';
  await writeFile(story, `title: Packed\noutput: 320x180\ndefaults: { quality: draft }\nshots:\n  - ${shot}\n`);
  expect(await ok(run(process.execPath, [cli, 'validate', story], app))).toContain('valid');
  const made = await ok(run(process.execPath, [cli, 'render', story, '--json'], app, { ...stack.env }));
  expect(JSON.parse(made)).toMatchObject({ frames: 12 });
}, 300_000);
