import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { cliReference } from './reference.ts';
import { scriptReference } from './script-reference.ts';

test('docs/cli.md is what the command says of itself; `npm run docs:cli` writes it', async () => {
  const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  expect(page).toBe(cliReference());
});

test('docs/script.md has every key of the schema; `npm run docs:cli` writes it', async () => {
  const page = await readFile(new URL('../../docs/script.md', import.meta.url), 'utf8');
  expect(page).toBe(scriptReference());
  for (const key of ['output.fps', 'freeinit.order', 'subjects.<name>.word', 'gate.retries', 'enhance.colour'])
    expect(page).toContain(`| \`${key}\` |`);
});
