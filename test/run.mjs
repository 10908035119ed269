#!/usr/bin/env node
/**
 * Runs the tests in three phases and closes with one line, `N passed, N failed`. Pure tests run side by side; tests that
 * start servers and engines run one after the other, because they would fight for the cores and fail on time-outs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const phases = [
  ['unit', 'architecture'],
  ['stage', 'workflow', '--runInBand'],
  ['e2e', '--runInBand'],
];
const reports = mkdtempSync(join(tmpdir(), 'shotline-tests-'));
let passed = 0;
let failed = 0;
try {
  for (const [index, words] of phases.entries()) {
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
} finally {
  rmSync(reports, { recursive: true, force: true });
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
