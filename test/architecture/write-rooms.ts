import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { page, readArrows, withPicture } from './rooms-picture.ts';

/** Writes the picture of rooms into docs/architecture.md; with `--check` it says whether the page is that of today. */
const text = await readFile(page, 'utf8');
const today = await format(withPicture(text, await readArrows()), {
  ...(await resolveConfig(page)),
  parser: 'markdown',
});
if (!process.argv.includes('--check')) await writeFile(page, today);
else if (text !== today) {
  process.stderr.write('docs/architecture.md shows rooms of another day; `npm run docs:rooms` draws them anew\n');
  process.exitCode = 1;
}
