import { describe, expect, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type TaskPast, countSetback, leaveMs, maxSetbacks } from './setbacks.ts';

const fresh: TaskPast = { setbacks: 0, failedOn: {}, leftTo: 0 };
const at = (worker: string, others: number | null) => ({ worker, others });

/** What comes of the same failure at one place after another. */
function after(code: 'RESOURCE_ENGINE' | 'NUMERIC_INVALID' | 'STORAGE_DENIED', places: ReturnType<typeof at>[]) {
  let past = fresh;
  const finals = places.map((place) => {
    const counted = countSetback(new PipelineError(code, 'it broke'), past, place);
    past = counted.past;
    return counted.failure.disposition === 'fatal';
  });
  return { past, finals };
}

test('RESOURCE_MEMORY is tried again until the last setback, whoever tries (N1)', () => {
  const error = new PipelineError('RESOURCE_MEMORY', 'it broke', { details: { pid: 1 } });
  let past = fresh;
  for (let attempt = 1; attempt < maxSetbacks; attempt += 1) {
    const counted = countSetback(error, past, at(`worker ${String(attempt)}`, 9));
    expect(counted).toEqual({ past: { ...fresh, setbacks: attempt }, failure: error });
    past = counted.past;
  }
  const { failure } = countSetback(error, past, at('w', 9));
  expect(failure).toMatchObject({ code: 'RESOURCE_MEMORY', disposition: 'fatal', details: { pid: 1 }, cause: error });
  expect(failure.message).toMatch(/^it broke\. That was setback 6 of 6/);
});

test.each(['STORAGE_UNAVAILABLE', 'RESOURCE_DISK', 'INTERNAL', 'WORKER_UNFIT'] as const)('%s is no setback', (code) => {
  const error = new PipelineError(code, 'away');
  expect(countSetback(error, { ...fresh, setbacks: 5 }, at('w', 0))).toEqual({
    past: { ...fresh, setbacks: 5 },
    failure: error,
  });
});

describe('a failure that may be the worker’s', () => {
  test('is not final while another worker lives, however often a broken one takes the task (N2)', () => {
    const { past, finals } = after(
      'RESOURCE_ENGINE',
      Array.from({ length: 12 }, () => at('sick', 1)),
    );
    expect(finals).not.toContain(true);
    expect(past.failedOn).toEqual({ sick: 12 });
  });

  test('is final when no worker is left that has not met it, of engines after six attempts (N3)', () => {
    const { finals } = after('RESOURCE_ENGINE', [...Array.from({ length: 5 }, () => at('a', 0)), at('a', 0)]);
    expect(finals).toEqual([false, false, false, false, false, true]);
    expect(after('NUMERIC_INVALID', [at('only', 0)]).finals).toEqual([true]);
  });

  const worker = (host: string, pid: number): string => `base@${host}:${String(pid)}-abcd`;

  test('is not final while one lives that has not met it, though many have (N3)', () => {
    const sick = Array.from({ length: 8 }, (_, index) => at(worker(`host${String(index)}`, 1), 8 - index));
    for (const code of ['NUMERIC_INVALID', 'RESOURCE_ENGINE', 'STORAGE_DENIED'] as const) {
      expect(after(code, sick).finals).not.toContain(true);
      expect(after(code, [...sick, at(worker('last', 1), 0)]).finals.at(-1)).toBe(true);
    }
  });

  test('is final, where nobody knows who lives, when enough have met it: three hosts for numbers, six workers for engines (N3)', () => {
    const sick = [['a', 1] as const, ['a', 1] as const, ['a', 2] as const, ['b', 1] as const, ['c', 1] as const];
    const places = sick.map(([host, pid]) => at(worker(host, pid), null));
    expect(after('NUMERIC_INVALID', places).finals).toEqual([false, false, false, false, true]);
    const six = Array.from({ length: 6 }, (_, index) => at(`w${String(index)}`, null));
    expect(after('RESOURCE_ENGINE', six).finals).toEqual([false, false, false, false, false, true]);
  });

  test('is final in the end though workers are listed that never come (N3)', () => {
    const many = Array.from({ length: 24 }, () => at('a', null));
    expect(after('STORAGE_DENIED', many).finals.indexOf(true)).toBe(23);
  });

  test('says how often and on how many workers it came', () => {
    const { failure } = countSetback(
      new PipelineError('NUMERIC_INVALID', 'NaN'),
      { ...fresh, failedOn: { a: 1 } },
      at('b', 0),
    );
    expect(failure.message).toBe(
      'NaN. The task failed 2 times on 2 workers, and no worker of the pool is left that has not tried it; no more attempts are made',
    );
  });
});

describe('a task', () => {
  const past = { ...fresh, failedOn: { sick: 1 } };
  test('is left by the worker that failed it while another lives, for longer each time and not for ever (N3)', () => {
    const times = Array.from({ length: 7 }, (_, leftTo) => leaveMs({ ...past, leftTo }, at('sick', 1)));
    expect(times).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, null]);
  });

  test('is tried by others, and by one that is alone or does not know', () => {
    expect(leaveMs(past, at('well', 1))).toBeNull();
    expect(leaveMs(past, at('sick', 0))).toBeNull();
    expect(leaveMs(past, at('sick', null))).toBeNull();
  });
});
