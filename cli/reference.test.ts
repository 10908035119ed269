import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { cliReference } from './reference.ts';

test('docs/cli.md is what the command says of itself; `npm run docs:cli` writes it', async () => {
  const page = await readFile(new URL('../docs/cli.md', import.meta.url), 'utf8');
  expect(page).toBe(cliReference());
});
