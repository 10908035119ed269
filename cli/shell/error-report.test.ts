import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, test } from '@jest/globals';
import { PipelineError, errorCodes } from '../../errors/pipeline-error.ts';
import { errorJson, errorLines, reportOf as reportIn } from './error-report.ts';
import { exitCodeLines, exitCodeOf, exitCodes, outcomeOfError } from './exit-codes.ts';
import { nextStepFor } from '../../client/next-steps.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { UsageError } from './cli-errors.ts';

const reportOf = (error: unknown) => reportIn(error, '/home/ada/.cache/shotline');

const problems = [
  { path: 'shots[0].prompt', line: 4, message: 'shots[0].prompt is missing; a prompt has 1 to 400 characters' },
  { path: 'title', line: 9, message: 'is too long' },
];

describe('the report of an error', () => {
  test('lists the problems of a script as a compiler does', () => {
    const error = new PipelineError('SCRIPT_INVALID', 'wrong', { details: { problems, fileName: 'story.yaml' } });
    const report = reportOf(error);
    expect(exitCodeOf(report.outcome)).toBe(3);
    expect(errorLines(report)).toEqual([
      'story.yaml:4: shots[0].prompt is missing; a prompt has 1 to 400 characters',
      'story.yaml:9: title: is too long',
      'story.yaml: 2 problems',
    ]);
    expect(errorJson(report)).toEqual({
      error: { code: 'SCRIPT_INVALID', exitCode: 3, message: 'wrong', problems },
    });
  });

  test('a refused update carries the code of the workflow', () => {
    const refusal = ApplicationFailure.nonRetryable('shot is "x"; it must be one of dawn', 'SCRIPT_INVALID');
    const report = reportOf(new WorkflowUpdateFailedError('Workflow Update failed', refusal));
    expect(report).toMatchObject({ code: 'SCRIPT_INVALID', outcome: 'script' });
    expect(errorLines(report)).toEqual(['error: shot is "x"; it must be one of dawn']);
  });

  test('a server that does not answer is no bug of ours', () => {
    const unavailable = Object.assign(new Error('14 UNAVAILABLE: no connection'), {
      code: 14,
      details: 'no connection',
      metadata: {},
    });
    const report = reportOf(new Error('failed to query', { cause: unavailable }));
    expect(report).toMatchObject({ outcome: 'unavailable', stack: null });
    expect(report.message).toContain('shotline stack up');
  });

  const refusal = (code: string, path: string) =>
    Object.assign(new Error(`${code}: refused, mkdir '${path}'`), { code, path, syscall: 'mkdir', errno: -1 });

  test.each([
    [
      'a cache that cannot be written',
      refusal('EACCES', '/home/ada/.cache/shotline/stack'),
      'usage',
      'point it to a folder of your own',
    ],
    [
      'a cache under a file',
      refusal('ENOTDIR', '/home/ada/.cache'),
      'usage',
      'SHOTLINE_CACHE is /home/ada/.cache/shotline',
    ],
    ['a cache on a disk that is gone', refusal('ENOENT', '/home/ada/.cache/shotline'), 'usage', 'SHOTLINE_CACHE'],
    ['a place elsewhere', refusal('EROFS', '/mnt/cd/report.html'), 'usage', 'Name another place'],
    ['a full disk', refusal('ENOSPC', '/home/ada/.cache/shotline/bin/x'), 'failed', 'disk full: ENOSPC'],
    [
      'a full disk, as the cause of another failure',
      new Error('x', { cause: refusal('EDQUOT', '/a') }),
      'failed',
      'disk full',
    ],
    ['too many files', refusal('EMFILE', '/a'), 'failed', 'ulimit'],
  ])('%s is no bug of ours', (_, error, outcome, next) => {
    const report = reportOf(error);
    expect(report).toMatchObject({ outcome, stack: null, message: expect.stringContaining(next) as unknown });
    expect(errorLines(report)).toHaveLength(1);
  });

  test('a file that we miss is one', () => {
    expect(reportOf(refusal('ENOENT', '/shotline/models/sets/pocket.json')).outcome).toBe('internal');
  });

  test('anything unknown is a bug, with its stack', () => {
    const report = reportOf(new TypeError('x is undefined'));
    expect(report.outcome).toBe('internal');
    expect(errorLines(report).join('\n')).toContain('error-report.test.ts');
  });

  test('usage errors and absent stories have codes of their own', () => {
    expect(exitCodeOf(reportOf(new UsageError('which story?')).outcome)).toBe(2);
    expect(exitCodeOf(reportOf(new AbsentError('no such story')).outcome)).toBe(8);
  });
});

describe('exit codes', () => {
  test('are all different', () => {
    expect(new Set(exitCodes.map(({ code }) => code)).size).toBe(exitCodes.length);
  });

  test('stay as they are: scripts build on them', () => {
    expect(exitCodes.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['ok', 0],
      ['usage', 2],
      ['script', 3],
      ['failed', 4],
      ['unavailable', 5],
      ['cancelled', 6],
      ['models', 7],
      ['absent', 8],
      ['unfit', 9],
      ['internal', 70],
      ['output', 74],
      ['detached', 130],
    ]);
    expect(exitCodeLines()[0]).toBe('    0  done');
  });

  test('every failure code has an outcome and a next step', () => {
    for (const code of errorCodes) {
      expect(exitCodes.map(({ outcome }) => outcome)).toContain(outcomeOfError(code));
      expect(nextStepFor(code)).not.toBe('');
    }
  });
});
