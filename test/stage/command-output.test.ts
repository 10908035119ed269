import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { transform } from 'esbuild';

/** What the command prints arrives whole or is missed: real processes, pipes and disks. */

const shotline = 'cli/shotline.mjs';
let folder: string;
let story: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shotline-output-'));
  env = { ...process.env, SHOTLINE_CACHE: join(folder, 'cache') };
  story = join(folder, 'long.yaml');
  // 100 shots: 600 KB of JSON, ten times what a pipe holds.
  const shots = Array.from(
    { length: 100 },
    (_, index) => `  - { id: s${String(index)}, prompt: a red boat sails to the right on the sea at sunset }\n`,
  );
  writeFileSync(story, `title: Long\nshots:\n${shots.join('')}`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const planJson = () => [shotline, 'plan', story, '--json'];

test('600 KB of JSON reach a reader that takes its time', async () => {
  const child = spawn(process.execPath, planJson(), { env, stdio: ['ignore', 'pipe', 'ignore'] });
  // Nothing is read until the command has filled the pipe and has nothing left to do but to wait for us.
  await once(child.stdout, 'readable');
  const ended = once(child, 'close');
  const written = await text(child.stdout);
  await ended;
  const plan = JSON.parse(written) as { readonly shots: readonly unknown[] };
  expect([plan.shots.length, child.exitCode]).toEqual([100, 0]);
  expect(written.length).toBeGreaterThan(500_000);
}, 60_000);

test('a reader that goes away has read enough: no error, exit code 0', () => {
  const piped = `set -o pipefail; "${process.execPath}" ${planJson().join(' ')} | head -c 5; echo " \${PIPESTATUS[0]}"`;
  expect(spawnSync('bash', ['-c', piped], { env, encoding: 'utf8' })).toMatchObject({
    stdout: '{"wor 0\n',
    stderr: '',
  });
}, 60_000);

describe('a full disk', () => {
  const mounted: string[] = [];
  afterAll(() => {
    for (const disk of mounted) execFileSync('umount', [disk]);
  });

  (existsSync('/dev/full') ? test : test.skip)(
    'is said, with an exit code of its own',
    () => {
      const full = openSync('/dev/full', 'w');
      const run = spawnSync(process.execPath, [shotline, 'schema'], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      expect(run.stderr).toContain('error: stdout takes no more (ENOSPC: no space left on device, write)');
      expect(run.status).toBe(74);
    },
    60_000,
  );

  test('that takes a part of the text is one, too', () => {
    const disk = mkdtempSync(join(tmpdir(), 'shotline-disk-'));
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]);
    // Only root may mount; elsewhere a limit on the size of files is the same to the process.
    if (mount.status === 0) mounted.push(disk);
    const file = join(disk, 'plan.json');
    const command = `ulimit -f 128; trap '' XFSZ; exec "${process.execPath}" ${planJson().join(' ')} > ${file}`;
    const run = spawnSync('bash', ['-c', command], { env, encoding: 'utf8' });
    expect(run.stderr).toMatch(/error: stdout takes no more \((ENOSPC|EFBIG)/);
    expect([run.status, readFileSync(file).length]).toEqual([74, 131_072]);
    truncateSync(file, 0);
  }, 60_000);
});

describe('a Node that is too old', () => {
  test('is told so in one sentence', () => {
    const pretend = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.19.1"})';
    const run = spawnSync(process.execPath, ['--import', pretend, shotline, 'validate', story], { encoding: 'utf8' });
    expect(run.stderr).toMatch(
      /^error: Shotline needs Node 20\.19 or later and runs on 18\.19\.1 \(.*\); install a newer one.*\n$/,
    );
    expect(run.status).toBe(2);
  });

  test('can read the file that tells it', async () => {
    const source = readFileSync(shotline, 'utf8');
    const [old, newest] = await Promise.all(['node13.2', 'esnext'].map((target) => transform(source, { target })));
    expect(old?.code).toBe(newest?.code);
  });
});
