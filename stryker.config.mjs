import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jest from './jest.config.mjs';

const [{ transform, extensionsToTreatAsEsm }] = jest.projects;

/** How mutants are made and run, whatever the room; `test/mutate.mjs` adds the files and the tests of one room. */
export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  coverageAnalysis: 'perTest',
  // Jest's memory of modules grows with each run.
  maxTestRunnerReuse: 150,
  jest: {
    // One project in place of those of jest.config.mjs: Stryker wraps the environment, which it finds by a path of Node.
    config: { projects: [], testEnvironment: './test/environment.mjs', transform, extensionsToTreatAsEsm },
  },
  mutator: {
    // The words of an error are for people; tests match its code, and the values that its message must name.
    excludedMutations: ['StringLiteral'],
  },
  plugins: ['./test/mutation-runner.mjs', './test/mutants-left-out.mjs'],
  ignorers: ['error-details'],
  // Tables and schemas that are made at import: to try one of their changes takes all tests of the room.
  ignoreStatic: true,
  concurrency: 1,
  // A machine that is busy with other things is no endless loop.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  incremental: true,
  tempDirName: join(tmpdir(), 'shotline-mutants'),
  ignorePatterns: ['bench', 'modeling'],
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  allowConsoleColors: false,
};
