#!/usr/bin/env node
/**
 * `npm run mutate -- <room> [file…] [--sample-of n]`: changes the code of a room in small ways, one at a time, and tells which changes no
 * test notices (StrykerJS). Takes seconds per mutant, so name files for a quick answer; results are kept in
 * `node_modules/.cache`, and the next run tries only what has changed since. A sample tries every n-th change, evenly over the room, and counts the
 * others as errors, which are no part of the score. CONTRIBUTING.md has the scores.
 */
import { parseArgs } from 'node:util';
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
      'failure-interceptor',
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
      'turnstile',
    ],
  },
  // Functions over a server, and what waits for one: test/stage/storage.test.ts and lost-objects.test.ts.
  storage: { without: ['blocked-key', 'bucket', 'film-store', 'lost-object', 'object-store', 'package-store'] },
  // Processes: test/stage/engine-*.test.ts and torch-engine.test.ts.
  engine: { without: ['engine', 'engine-job', 'protocol', 'torch-host', 'torch-session', 'peak-memory', 'client/*'] },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'sample-of': { type: 'string', default: '1' } },
});
const [name, ...files] = positionals;
const room = rooms[name];
const sampleOf = values['sample-of'];
if (room === undefined || !/^[1-9]\d{0,3}$/.test(sampleOf)) {
  console.error(`npm run mutate -- <room> [file…] [--sample-of n]; a room is one of ${Object.keys(rooms).join(', ')}`);
  process.exit(2);
}
process.env.MUTATE_SAMPLE_OF = sampleOf;
const { slow = [], without = [] } = room;
const tooSlow = slow.filter((file) => !files.includes(`${name}/${file}.ts`));
await new Stryker({
  mutate: [
    ...(files.length > 0 ? files : [`${name}/**/*.ts`]),
    '!**/*.test.ts',
    ...[...without, ...tooSlow].map((file) => `!${name}/${file}.ts`),
  ],
  incrementalFile: `node_modules/.cache/mutants-${name}.json`,
  // What a sample left out would be taken for tried by the next run.
  incremental: sampleOf === '1',
  jsonReporter: { fileName: `node_modules/.cache/mutation-report-${name}.json` },
  jest: {
    config: {
      roots: [`<rootDir>/${name}`],
      testMatch: [`<rootDir>/${name}/**/*.test.ts`],
      testPathIgnorePatterns: ['/node_modules/', ...tooSlow.map((file) => `/${name}/${file}\\.test\\.ts$`)],
    },
  },
}).runMutationTest();
