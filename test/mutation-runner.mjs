/**
 * A plugin of StrykerJS: its runner for Jest, which loads only those test files that reach a mutant, and tries every n-th mutant when a sample is
 * asked for. Stryker's own loads every file that imports the changed one, however far away, and most of the time of a mutant goes there.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { strykerPlugins as jestPlugins, strykerValidationSchema } from '@stryker-mutator/jest-runner';

const [{ factory: jestRunnerFactory }] = jestPlugins;

/** Of so many mutants one is tried. Mutants are numbered from file to file, so the sample is spread over the room. */
const sampleOf = Number(process.env.MUTATE_SAMPLE_OF ?? 1);

/** Which test file each test stands in, by full title; in Stryker's copy of the project, for a runner is a process that is often replaced. */
const record = '.tests-by-title.json';

/** Tests of the same title in two files are both run. */
function filesByTitle({ tests = [] }) {
  const files = {};
  for (const { id, fileName } of tests) files[id] = [...new Set([...(files[id] ?? []), fileName])];
  return files;
}

function coveringTestsRunner(injector) {
  const runner = injector.injectFunction(jestRunnerFactory);
  const run = runner.run.bind(runner);
  const [dryRun, mutantRun] = [runner.dryRun.bind(runner), runner.mutantRun.bind(runner)];
  let testFiles;
  runner.run = (settings) => run({ ...settings, testFiles: testFiles ?? settings.testFiles });
  runner.dryRun = async (options) => {
    testFiles = undefined;
    const result = await dryRun(options);
    await writeFile(record, JSON.stringify(filesByTitle(result)));
    return result;
  };
  runner.mutantRun = async (options) => {
    // Counted as an error, which is no part of the score.
    if (Number(options.activeMutant.id) % sampleOf !== 0) return { status: 'error', errorMessage: 'not in the sample' };
    const titles = options.testFilter;
    const files = titles === undefined ? {} : JSON.parse(await readFile(record, 'utf8'));
    testFiles = titles === undefined ? undefined : [...new Set(titles.flatMap((title) => files[title] ?? []))];
    return mutantRun(options);
  };
  return runner;
}
coveringTestsRunner.inject = ['$injector'];

/** In the place of the runner that it is made of, with the same options. */
export const strykerPlugins = [{ kind: 'TestRunner', name: 'jest', factory: coveringTestsRunner }];
export { strykerValidationSchema };
