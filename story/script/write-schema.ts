import { writeFile } from 'node:fs/promises';
import { scriptJsonSchema } from './script-schema.ts';

/** Writes `story.schema.json`, the JSON Schema that editors read; run it, then Prettier, after a change of the schema. */
await writeFile(new URL('story.schema.json', import.meta.url), `${JSON.stringify(scriptJsonSchema(), null, 2)}\n`);
