import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const cache = mkdtempSync(join(tmpdir(), 'shotline-light-'));
const heavy = ['@temporalio/client', '@aws-sdk/client-s3', '@temporalio/worker', 'node-av', 'onnxruntime-node'];

/** Prints the files of packages that a process loaded, when it ends. */
const witness = `
  import { createRequire } from 'node:module';
  const { cache } = createRequire('${root}/');
  process.on('exit', () => process.stderr.write('LOADED ' + JSON.stringify(Object.keys(cache))));
`;

/** Which of the heavy packages a command loads. */
function loadedBy(...args: readonly string[]): string[] {
  const run = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(witness)}`, join(root, 'cli/shotline.mjs'), ...args],
    { cwd: root, env: { PATH: process.env['PATH'], SHOTLINE_CACHE: cache }, encoding: 'utf8' },
  );
  const [, list] = run.stderr.split('LOADED ');
  const files = JSON.parse(list!) as string[];
  return heavy.filter((name) => files.some((file) => file.includes(`/node_modules/${name}/`)));
}

afterAll(() => {
  rmSync(cache, { recursive: true });
});

describe('a command loads only what it needs', () => {
  test.each([
    ['--help', []],
    ['validate examples/first-film.yaml', []],
    ['plan examples/first-film.yaml', []],
    // The witness sees what is loaded: no server answers, but somebody has to ask.
    ['status --json', ['@temporalio/client']],
  ])(
    '%s',
    (command, expected) => {
      expect(loadedBy(...command.split(' '))).toEqual(expected);
    },
    60_000,
  );
});
