/** The quick tests of `models/`, side by side on all cores. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs them with `python`, which writes its `report` (JUnit XML). Gives how many passed and failed; a run without a report has failed. */
export function runPythonTests(python, report) {
  const words = ['-m', 'pytest', '--quiet', '--no-header', '-m', 'not slow', '-n', 'auto', '--dist', 'loadfile'];
  const run = spawnSync(python, [...words, `--junitxml=${report}`, '-c', 'models/pyproject.toml', 'models/tests'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  try {
    return countsOf(readFileSync(report, 'utf8'));
  } catch {
    console.error(
      `The models tests ended with exit code ${run.status} and no report; is ${python} one of models/environment.sh?`,
    );
    return { passed: 0, failed: 1 };
  }
}

function countsOf(xml) {
  const suite = /<testsuite [^>]*>/.exec(xml)[0];
  const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)[1]);
  const failed = count('failures') + count('errors');
  return { passed: count('tests') - failed - count('skipped'), failed };
}
