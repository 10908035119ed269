#!/usr/bin/env node
/**
 * Runs the tests in phases and closes with one line, `N passed, N failed`. Pure tests run side by side; tests that start
 * servers and engines run one after the other, because they would fight for the cores and fail on time-outs. The tests of
 * `modeling/` need a Python with torch and run where SHOTLINE_PYTHON names one (`modeling/environment.sh` makes it), beside the
 * last phase, which waits for servers much of its time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPythonTests } from './run-python.mjs';

const phases = [
  ['unit', 'architecture', '--maxWorkers=100%'],
  ['stage', 'workflow', '--runInBand'],
  ['e2e', '--runInBand'],
];
const reports = mkdtempSync(join(tmpdir(), 'shotline-tests-'));
let passed = 0;
let failed = 0;
let modelsTests = null;
try {
  for (const [index, words] of phases.entries()) {
    const python = process.env.SHOTLINE_PYTHON;
    if (index === phases.length - 1 && python !== undefined) {
      console.log('\n— models tests, beside the next —');
      modelsTests = startPythonTests(python, join(reports, 'models.xml'));
    }
    const report = join(reports, `${index}.json`);
    const projects = words.filter((word) => !word.startsWith('--'));
    const flags = words.filter((word) => word.startsWith('--'));
    console.log(`\n— ${projects.join(' and ')} tests —`);
    const args = [
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${report}`,
      ...flags,
      '--selectProjects',
      ...projects,
    ];
    const run = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      const result = JSON.parse(readFileSync(report, 'utf8'));
      passed += result.numPassedTests;
      failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    } catch {
      console.error(`The ${projects.join(' and ')} tests ended with exit code ${run.status} and no report.`);
      failed += 1;
    }
  }
  const models = await modelsTests;
  if (models === null) {
    console.log(
      '\n— tests of modeling/ are left out: SHOTLINE_PYTHON names no Python with torch (modeling/environment.sh) —',
    );
  } else {
    passed += models.passed;
    failed += models.failed;
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
