import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compiledCode } from './compile.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const code = await compiledCode(root);
if (code === null) (await import('tsx/esm/api')).register();
else process.setSourceMapsEnabled(true);
const { main } = await import(code === null ? './main.ts' : pathToFileURL(join(code, 'cli', 'main.js')).href);

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
await main({ root, version });
// A query that nobody waits for any more must neither hold the process nor end it with an error.
process.exit();
