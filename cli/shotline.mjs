#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// A built package runs its JavaScript; a checkout runs the sources through tsx.
const built = new URL('../dist/cli/main.js', import.meta.url);
const isBuilt = existsSync(built);
if (!isBuilt) (await import('tsx/esm/api')).register();
const { main } = await import(isBuilt ? built.href : './main.ts');

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
await main({ root, version });
