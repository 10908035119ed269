import { counted } from '../../errors/counted.ts';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { finished } from '../../test/harness/private-stack.ts';
import { Skipped } from './row.ts';
import type { Observation, TestRow } from './row.ts';

const root = resolve(import.meta.dirname, '../..');

/** A fault that tests already bring about, with servers of their own: the row runs them. */
interface TestedFault {
  readonly name: string;
  readonly fault: string;
  readonly expected: string;
  readonly project: 'e2e' | 'workflow';
  /** Test file. */
  readonly file: string;
  /** Part of the titles; all tests of the file without it. */
  readonly title?: string;
}

const faults: readonly TestedFault[] = [
  {
    name: 'scratch-full',
    fault: 'scratch is full (64 KiB), later enlarged',
    expected: 'waits, same film',
    project: 'e2e',
    file: 'test/e2e/faults.test.ts',
    title: 'a scratch disk that is full',
  },
  {
    name: 'cancel',
    fault: 'cancel, failure, pause and edit while children start, on a slow server',
    expected: 'all children end',
    project: 'workflow',
    file: 'test/workflow/slow-server.test.ts',
  },
  {
    name: 'cancel-mid-step',
    fault: 'cancel in mid-step',
    expected: 'the engine is idle at once; the next render makes the same film',
    project: 'e2e',
    file: 'test/e2e/faults.test.ts',
    title: 'cancelled in mid-step',
  },
  {
    name: 'engine-stopped-idle',
    fault: 'SIGSTOP of an engine that waits for work',
    expected: 'replaced before its next task, same film',
    project: 'e2e',
    file: 'test/e2e/faults.test.ts',
    title: 'an engine that was stopped while it was idle',
  },
  {
    name: 'edit-killed',
    fault: 'SIGKILL of the only edit worker, whose workflows answer questions',
    expected: 'told as such; same film',
    project: 'e2e',
    file: 'test/e2e/faults.test.ts',
    title: 'a dead edit worker',
  },
  {
    name: 'record-lost',
    fault: 'the record of the local stack lost, with an engine stopped and a worker killed',
    expected: '`stack down` ends all; same film',
    project: 'e2e',
    file: 'test/e2e/faults.test.ts',
    title: 'without a record a stop ends',
  },
  {
    name: 'sick-worker',
    fault: 'a worker with a wrong S3 secret, a broken device, or NaN, beside a healthy one',
    expected: 'no story fails',
    project: 'e2e',
    file: 'test/e2e/sick-workers.test.ts',
  },
  {
    name: 'release',
    fault: 'another release in mid-story, and back; its workers gone; an upgrade of the local stack',
    expected: 'stories stay with theirs, same film',
    project: 'e2e',
    file: 'test/e2e/releases.test.ts',
  },
  {
    name: 'evil-page',
    fault: 'a web page of another origin tries every port',
    expected: 'reads, changes and starts nothing',
    project: 'e2e',
    file: 'test/e2e/doors.test.ts',
    title: 'a web page of another origin reads',
  },
];

/** The rows that run tests. */
export const testRows: readonly TestRow[] = faults.map((fault) => ({
  ...fault,
  runTests: () => runTests(fault),
}));

const resultsSchema = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          status: z.string(),
          title: z.string(),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

async function runTests({ project, file, title }: TestedFault): Promise<Observation> {
  if (!existsSync(join(root, file))) throw new Skipped(`${file} is not here`);
  const dir = await mkdtemp(join(tmpdir(), 'shotline-chaos-'));
  try {
    const output = join(dir, 'results.json');
    const args = ['jest', '--selectProjects', project, '--runTestsByPath', file, '--json', '--outputFile', output];
    if (title !== undefined) args.push('--testNamePattern', title);
    const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
    const run = await finished(spawn('npx', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] }));
    const text = await readFile(output, 'utf8').catch(() => null);
    if (text === null) throw new Error(`the tests did not run: ${run.stderr.slice(-400)}`);
    const { testResults } = resultsSchema.parse(JSON.parse(text));
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = all.filter(({ status }) => status === 'failed');
    if (failed.length > 0)
      throw new Error(failed.map((each) => `${each.title}: ${each.failureMessages?.[0] ?? ''}`).join('; '));
    const passed = all.filter(({ status }) => status === 'passed');
    if (passed.length === 0) throw new Skipped('no such test, or it needs more rights than this user has');
    return { observed: `${counted(passed.length, 'test')} passed`, progress: [] };
  } finally {
    await rm(dir, { recursive: true });
  }
}
