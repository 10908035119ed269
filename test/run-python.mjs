/** The quick tests of `modeling/`, side by side on all cores. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** They take the time that the others leave: tests that wait for servers must not wait for these. */
const niceness = 10;

/** Starts them with `python`, which writes its `report` (JUnit XML). Gives how many passed and failed; a run without a report has failed. */
export async function startPythonTests(python, report) {
  const words = ['-m', 'pytest', '--quiet', '--no-header', '-m', 'not slow', '-n', 'auto', '--dist', 'loadfile'];
  const run = spawn(python, [...words, `--junitxml=${report}`, '-c', 'modeling/pyproject.toml', 'modeling/tests'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  if (run.pid !== undefined) setPriority(run.pid, niceness);
  const end = await once(run, 'exit').catch((error) => [error.message]);
  try {
    return countsOf(readFileSync(report, 'utf8'));
  } catch {
    console.error(
      `The tests of modeling/ ended with ${end[0]} and no report; is ${python} one of modeling/environment.sh?`,
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
