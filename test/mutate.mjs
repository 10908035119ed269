#!/usr/bin/env node
/**
 * `npm run mutate -- <room> [file…]`: changes the code of a room in small ways, one at a time, and tells which changes no
 * test notices (StrykerJS). Takes seconds per mutant, so name files for a quick answer; results are kept in
 * `node_modules/.cache`, and the next run tries only what has changed since. CONTRIBUTING.md has the scores.
 */
import { Stryker } from '@stryker-mutator/core';

/**
 * What is mutated, and run against the unit tests beside it. `without`: files that only run in a process or a sandbox of
 * their own, where Stryker cannot switch a mutant on; tests in `test/` look after them. `slow`: tests of seconds, which all
 * mutants that they reach would pay for; they, and the files beside them, take part when such a file is named.
 */
const rooms = {
  diffusion: { slow: ['clip-blocks', 'denoise', 'tiles', 'time-chunks'] },
  story: { slow: ['plan/examples'] },
  // Temporal's sandbox: test/workflow and test/replay.
  workflows: {
    without: [
      'bundle',
      'campaign',
      'children',
      'client-handlers',
      'crew',
      'display',
      'film',
      'gate',
      'index',
      'item',
      'pools',
      'prompt',
      'reporter',
      'run-gate',
      'story',
      'together',
    ],
  },
  // Functions over a server, and what waits for one: test/stage/storage.test.ts and lost-objects.test.ts.
  storage: { without: ['blocked-key', 'bucket', 'film-store', 'lost-object', 'object-store', 'package-store'] },
  // Processes: test/stage/engine-*.test.ts and torch-engine.test.ts.
  engine: { without: ['engine', 'engine-job', 'protocol', 'torch-host', 'torch-session', 'peak-memory', 'client/*'] },
};

const [name, ...files] = process.argv.slice(2);
const room = rooms[name];
if (room === undefined) {
  console.error(`npm run mutate -- <room> [file…]; a room is one of ${Object.keys(rooms).join(', ')}`);
  process.exit(2);
}
const { slow = [], without = [] } = room;
const tooSlow = slow.filter((file) => !files.includes(`${name}/${file}.ts`));
await new Stryker({
  mutate: [
    ...(files.length > 0 ? files : [`${name}/**/*.ts`]),
    '!**/*.test.ts',
    ...[...without, ...tooSlow].map((file) => `!${name}/${file}.ts`),
  ],
  incrementalFile: `node_modules/.cache/mutants-${name}.json`,
  jest: {
    config: {
      roots: [`<rootDir>/${name}`],
      testMatch: [`<rootDir>/${name}/**/*.test.ts`],
      testPathIgnorePatterns: ['/node_modules/', ...tooSlow.map((file) => `/${name}/${file}\\.test\\.ts$`)],
    },
  },
}).runMutationTest();
