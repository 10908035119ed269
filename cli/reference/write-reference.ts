import { writeFile } from 'node:fs/promises';
import { cliReference } from './reference.ts';
import { scriptReference } from './script-reference.ts';

await writeFile(new URL('../../docs/cli.md', import.meta.url), cliReference());
await writeFile(new URL('../../docs/script.md', import.meta.url), scriptReference());
