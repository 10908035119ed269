import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { floorsOf, page, withPicture } from './rooms-picture.ts';
import type { Arrows } from './rooms-picture.ts';

const arrowsOf = (rooms: Readonly<Record<string, readonly string[]>>): Arrows =>
  new Map(Object.entries(rooms).map(([room, below]) => [room, new Set(below)]));

// In a process of its own: dependency-cruiser loads TypeScript, which Jest's sandbox would load once more.
test('docs/architecture.md shows the rooms of today; `npm run docs:rooms` draws them', () => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'test/architecture/write-rooms.ts', '--check'], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  expect({ code: run.status, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
}, 120_000);

test('the table of rooms in docs/architecture.md has every room', () => {
  const root = join(import.meta.dirname, '../..');
  const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')) as object);
  // The rooms of a house, such as `story/plan`, have one row.
  const houses = new Set(rooms.map((room) => room.split('/')[0]!));
  const [, table = ''] = /^## Rooms\n([^]*?)^`rooms\.json`/m.exec(readFileSync(page, 'utf8')) ?? [];
  const named = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/\[`([a-z]+)\/`\]/g)].map(([, room]) => room!),
  );
  expect([...houses].filter((house) => !named.includes(house))).toEqual([]);
  expect(named).toEqual([...new Set(named)]);
});

test('a room stands one floor above the highest that it imports', () => {
  const floors = floorsOf(arrowsOf({ cli: ['story', 'errors'], story: ['errors'], media: [], errors: [] }));
  expect(Object.fromEntries(floors)).toEqual({ cli: 2, story: 1, media: 0, errors: 0 });
});

test('rooms in a circle have no floors', () => {
  const circle = arrowsOf({ a: ['b'], b: ['c'], c: ['a'] });
  expect(() => floorsOf(circle)).toThrow('rooms import each other in a circle: a > b > c > a');
});

test('the picture leaves out arrows that others imply; the table has all', () => {
  const page = 'Rooms\n\n<!-- rooms, by npm run docs:rooms -->\nold\n<!-- end of rooms -->\n\nMore\n';
  const drawn = withPicture(page, arrowsOf({ cli: ['story', 'errors'], story: ['errors'], errors: [] }));
  expect(drawn.match(/^ {2}\w+ --> \w+$/gm)).toEqual(['  cli --> story', '  story --> errors']);
  expect(drawn).toContain('| 2 | `cli/` | `errors`, `story` |');
  expect(drawn).not.toContain('old');
  expect(withPicture(drawn, arrowsOf({}))).toMatch(/^Rooms\n[^]*\nMore\n$/);
  expect(() => withPicture('no marks', arrowsOf({}))).toThrow('has no lines');
});

test('the package that people install has every room', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));
  const { files } = read('package.json') as { files: readonly string[] };
  const rooms = Object.keys(read('rooms.json') as object).map((room) => room.split('/')[0]!);
  expect(rooms.filter((room) => !files.includes(room))).toEqual([]);
});
