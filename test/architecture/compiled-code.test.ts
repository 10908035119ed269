import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const compiler = pathToFileURL(join(import.meta.dirname, '../../cli/compile.mjs')).href;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shotline-code-'));
  write('cli/main.ts', `export const main = async (): Promise<string> => (await import('../story/word.ts')).word();`);
  write(
    'story/word.ts',
    `import table from './table.json' with { type: 'json' }; export const word = () => table.word;`,
  );
  write('rooms.json', '{ "story": [], "engine": [], "workers": [], "cli": [] }');
  write('story/table.json', '{ "word": "boat" }');
  write('story/word.test.ts', 'this is no code');
  write(
    'workers/base/engine.ts',
    `import { startOf } from '../../engine/start.ts'; console.log(startOf, import.meta.url);`,
  );
  write('engine/start.ts', `declare const COMPILED_CODE: string; export const startOf = COMPILED_CODE;`);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const cache = (): string => join(root, 'node_modules/.cache/shotline');

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** What a process prints that runs some code as a module. */
function output(code: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const compile = (): string =>
  output(`import { compiledCode } from '${compiler}'; console.log(await compiledCode(${JSON.stringify(`${root}/`)}));`);

describe('code is compiled once', () => {
  test('and runs, each file knowing where its source lies and each engine where the code lies', () => {
    const folder = compile();
    const { href } = pathToFileURL(join(folder, 'cli/main.js'));
    expect(output(`import { main } from '${href}'; console.log(await main());`)).toBe('boat');
    expect(output(`await import('${pathToFileURL(join(folder, 'workers/base/engine.js')).href}')`)).toBe(
      `${pathToFileURL(`${folder}/`).href} ${pathToFileURL(join(root, 'workers/base/engine.ts')).href}`,
    );
  });

  test('again only when a source has changed; tests are none', () => {
    const folder = compile();
    write('story/word.test.ts', 'another test');
    expect(compile()).toBe(folder);
    write('story/table.json', '{ "word": "car" }');
    const changed = compile();
    expect(changed).not.toBe(folder);
    expect(readdirSync(cache())).toHaveLength(2);
  });

  test('and nothing half-written is left behind a source with an error', () => {
    write('story/word.ts', 'export const word = (');
    expect(compile).toThrow(/word\.ts/);
    expect(readdirSync(cache())).toEqual([]);
  });

  test('code that nobody compiled for two weeks is dropped', () => {
    const old = compile();
    utimesSync(old, new Date(0), new Date(0));
    write('story/table.json', '{ "word": "car" }');
    compile();
    expect(existsSync(old)).toBe(false);
  });

  test('or not at all where nothing can be written', () => {
    write('node_modules', 'a file');
    expect(compile()).toBe('null');
  });
});
