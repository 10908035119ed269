import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/**
 * What must hold is numbered in the comment of the code that keeps it: a letter for the file, `S4`. A test that would fail
 * without it says so in its title: `(S4)`, or `(S3, S4)` for two.
 */

const root = join(import.meta.dirname, '../..');
const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')) as object);

function sourcesOf(folders: readonly string[]): { readonly file: string; readonly text: string }[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...new Set(files)]
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

const houses = [...new Set(rooms.map((room) => room.split('/')[0]!))];
const sources = sourcesOf([...houses, 'test']);
const isTest = (file: string): boolean => file.endsWith('.test.ts');

/** The invariants of a file, in the order of its comments. */
const statedIn = (text: string): string[] => [...text.matchAll(/^ \* ([A-Z]\d+)\.? +\S/gm)].map(([, name]) => name!);

const stated = sources.filter(({ file }) => !isTest(file)).map(({ file, text }) => ({ file, names: statedIn(text) }));

test('every invariant has a name of its own: one letter per file, numbered from 1', () => {
  const files = stated.filter(({ names }) => names.length > 0);
  for (const { file, names } of files) {
    const letter = names[0]!.charAt(0);
    expect({ file, names }).toEqual({ file, names: names.map((_, index) => `${letter}${index + 1}`) });
  }
  const letters = files.map(({ names }) => names[0]!.charAt(0));
  expect(letters).toEqual([...new Set(letters)]);
});

test('every file that speaks of invariants names them', () => {
  const nameless = sources.filter(
    ({ file, text }) =>
      !isTest(file) && /^\s*(?:\/?\*|\/\/).*\binvariants?\b/im.test(text) && statedIn(text).length === 0,
  );
  expect(nameless.map(({ file }) => file)).toEqual([]);
});

test('every invariant is in the title of a test', () => {
  const titles = sources
    .filter(({ file }) => isTest(file))
    .flatMap(({ text }) => [...text.matchAll(/^(?! \*|\/\*\*|\s*\/\/).*['"`].*['"`].*$/gm)].map(([line]) => line));
  const tested = new Set(
    titles.flatMap((title) =>
      [...title.matchAll(/\(([A-Z]\d+(?:, [A-Z]\d+)*)\)/g)].flatMap(([, names]) => names!.split(', ')),
    ),
  );
  const names = stated.flatMap((each) => each.names);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !tested.has(name)).sort()).toEqual([]);
  expect([...tested].filter((name) => !names.includes(name))).toEqual([]);
});
