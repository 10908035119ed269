import { describe, expect, test } from '@jest/globals';
import { AbsentError } from '../client/absent-error.ts';
import { errorCodes, PipelineError } from '../errors/pipeline-error.ts';
import { problemAnswer } from './answers.ts';
import { problemOf, RequestError } from './problem.ts';

describe('the problem of an error', () => {
  test('a wrong script names path, line, every problem and the next step', () => {
    const problems = [
      { path: 'shots[0].prompt', line: 4, message: 'is missing' },
      { path: 'title', line: 9, message: 'is too long' },
    ];
    const problem = problemOf(new PipelineError('SCRIPT_INVALID', 'two problems', { details: { problems } }));
    expect(problem).toMatchObject({ status: 422, code: 'SCRIPT_INVALID', path: 'shots[0].prompt', line: 4, problems });
    expect(problem.next).toContain('correct the script');
  });

  test.each(errorCodes)('%s has a status of its own and keeps to the schema', (code) => {
    const problem = problemOf(new PipelineError(code, 'what happened'));
    expect(problemAnswer.parse(problem)).toEqual(problem);
    expect(problem.status).toBeGreaterThanOrEqual(400);
  });

  test('a story that is not there is 404', () => {
    expect(problemOf(new AbsentError("there is no story 'x'"))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  test('what a request may not do has the status of its code', () => {
    expect(problemOf(new RequestError('TOO_EARLY', 'no film yet', 'wait'))).toMatchObject({
      status: 409,
      next: 'wait',
    });
  });

  test('what nobody foresaw tells nothing of itself', () => {
    const problem = problemOf(new Error('password=hunter2 at /srv/secret.ts'));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|secret/);
  });
});
