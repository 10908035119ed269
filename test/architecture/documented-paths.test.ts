import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';

/** Files and folders that the pages name or link to exist, so that a reader never looks for a place that has moved. */

const root = join(import.meta.dirname, '../..');
const files = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .stdout.split('\n')
  .filter((file) => file !== '');
const folders = new Set(files.flatMap(foldersAbove));
const places = [...files, ...folders];
const topFolders = new Set([...folders].filter((folder) => !folder.includes('/')));

/** The changelog and the decision records tell what was; they may name what has moved since. */
const pages = files.filter((file) => file.endsWith('.md') && !/^CHANGELOG|^docs\/decisions\/\d/.test(file));

function foldersAbove(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The page without its blocks of code, whose paths are often the reader's own. */
const proseOf = (page: string): string => readFileSync(join(root, page), 'utf8').replaceAll(/^\s*```.*?^\s*```/gms, '');

/** Whether a path stands for something here: `*`, `<name>`, `…` for any part of a name, `{a,b}` for alternatives. */
function exists(path: string): boolean {
  const pattern = path
    .replace(/\/$/, '')
    .replaceAll(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+|<[^>]*>|…/g, '[^/]*')
    .replaceAll(/\{([^}]*)\}/g, (_, words: string) => `(?:${words.replaceAll(',', '|')})`);
  const whole = new RegExp(`^${pattern}$`);
  return places.some((place) => whole.test(place));
}

/** Code spans that are paths of the repository: those in a folder of it, and names of source files. */
function pathsOf(page: string): string[] {
  const spans = [...proseOf(page).matchAll(/`([^`\s]+)`/g)].map(([, span]) => span!.replace(/:\d+$/, ''));
  return spans.filter(
    (span) =>
      /^[\w.{<*][\w./<>{},*…-]*$/.test(span) &&
      (/\.(ts|mjs|cjs|py)$/.test(span) || (span.includes('/') && topFolders.has(span.split('/')[0]!))),
  );
}

test('every path in the pages exists, seen from the root or from the folder of the page', () => {
  const faults = pages.flatMap((page) =>
    pathsOf(page)
      .filter((path) => !exists(path) && !exists(normalize(join(dirname(page), path))))
      .map((path) => `${page}: ${path}`),
  );
  expect(faults).toEqual([]);
});

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every link between the pages leads to a file or folder, and to a heading where it names one', () => {
  const faults = pages.flatMap((page) =>
    [...proseOf(page).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)]
      .map(([, link, picture]) => link ?? picture!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path, anchor] = link.split('#') as [string, string?];
        const target = path === '' ? page : normalize(join(dirname(page), path));
        if (!exists(target)) return true;
        return anchor !== undefined && !anchorsOf(target).includes(anchor);
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(faults).toEqual([]);
});
