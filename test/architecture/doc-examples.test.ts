import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** Examples in doc comments compile as they stand, as if they were files beside the code that they are of. */

const root = join(import.meta.dirname, '../..');

/** Example files by path. */
function examples(): Map<string, string> {
  const { stdout } = spawnSync('git', ['grep', '-l', '@example', '--', '*.ts', ':!*.test.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = stdout.split('\n').filter((file) => file !== '');
  return new Map(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/@example\n \* ```ts\n([^]*?)\n \* ```/g)].map(
        ([, lines], index) => [
          join(root, file.replace(/\.ts$/, `.example-${index}.ts`)),
          lines!.replaceAll(/^ \* ?/gm, ''),
        ],
      ),
    ),
  );
}

test('every example in a doc comment compiles', () => {
  const files = examples();
  expect(files.size).toBeGreaterThanOrEqual(10);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    getSourceFile: (path, language) => {
      const text = files.get(path);
      return text === undefined ? disk.getSourceFile(path, language) : ts.createSourceFile(path, text, language);
    },
  };
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  const faults = [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
  expect(faults).toEqual([]);
}, 120_000);
