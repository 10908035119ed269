import { mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { cliConfigFromEnv } from '../../cli/shell/config.ts';
import type { Cli } from '../../cli/shell/cli.ts';
import { errorLines, reportOf } from '../../cli/shell/error-report.ts';
import { planRows } from '../../cli/story/plan-report.ts';
import { preparePath } from '../../cli/story/prepare-story.ts';
import { scriptJsonSchema } from '../../story/script/script-schema.ts';
import { storyDetails, storySummary } from '../../workflows/captions.ts';
import { edited, edits, grafted, grafts } from './mutations.ts';
import type { FuzzTarget } from './target.ts';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'examples');
const files = readdirSync(examples).filter((name) => name.endsWith('.yaml'));
const texts = files.map((name) => readFileSync(join(examples, name)));
const structures = texts.map((text) => parse(text.toString('utf8')) as unknown);

/** Every key of the schema, at whatever depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema as Record<string, unknown>).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...keysOf(value)]
      : keysOf(value),
  );
}
const keys = [...new Set([...keysOf(scriptJsonSchema()), '__proto__', 'constructor', 'toString', '<<'])];
const words = [
  '&a ',
  '*a',
  '<<: *a',
  '!!binary ',
  '!!js/function ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '\t',
  '\r',
  ': ',
  '- ',
  '#',
  '|',
  '>',
  '? ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\u202e',
  '\u0000',
  '\ufeff',
  '\ud83d',
  'ÿ',
  '0x7fffffff',
  '.inf',
  '.nan',
  '1e999',
  '~',
  'yes',
  '2026-11-29',
  'pictures/boat-left.png',
  '../README.md',
  '/dev/zero',
  's3://a/b',
  'https://127.0.0.1/a.png',
  '{hero}',
  '{',
  '{{',
  'seine',
  'dissolve',
  'cut',
];

const fromText = fc
  .tuple(fc.constantFrom(...texts), edits([...keys, ...words]))
  .map(([text, changes]) => edited(text, changes));
const fromStructure = fc
  .tuple(fc.constantFrom(...structures), grafts(keys, words), fc.boolean())
  .map(([structure, all, asJson]) => written(grafted(structure, all), asJson));
const fromNothing = grafts(keys, words).map((all) => {
  const values = all.map(({ value }) => value);
  return written({ title: values[0], defaults: values[1], shots: values.slice(2) }, true);
});

function written(structure: unknown, asJson: boolean): Uint8Array {
  try {
    return Buffer.from(asJson ? JSON.stringify(structure) : stringify(structure));
  } catch {
    return Buffer.from(JSON.stringify(structure ?? null));
  }
}

const dir = mkdtempSync(join(tmpdir(), 'shotline-fuzz-'));
symlinkSync(join(examples, 'pictures'), join(dir, 'pictures'));
const file = join(dir, 'story.yaml');
const cli = { root, env: {}, config: () => cliConfigFromEnv({ SHOTLINE_S3_ENDPOINT: 'http://127.0.0.1:1' }, root) };

/** Story scripts, from bytes to plan and captions. */
export const scripts: FuzzTarget = {
  inputs: fc.oneof(fromText, fromStructure, fromNothing),
  extension: 'yaml',
  async run(input) {
    writeFileSync(file, input);
    try {
      const { plan } = await preparePath(cli as unknown as Cli, file);
      storySummary(plan);
      storyDetails(plan);
      planRows(plan, new Set());
      return 'ok';
    } catch (error) {
      errorLines(reportOf(error, dir));
      throw error;
    }
  },
};
