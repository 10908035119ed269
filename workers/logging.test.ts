import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { createLogger, temporalLogger } from './logging.ts';

/** What a worker of the base pool writes. */
function lines(): { readonly write: (line: string) => void; readonly objects: Record<string, unknown>[] } {
  const objects: Record<string, unknown>[] = [];
  return { write: (line) => objects.push(JSON.parse(line) as Record<string, unknown>), objects };
}

test('a failed activity is logged with its code and where it was, without what nobody reads', () => {
  const log = lines();
  const error = ApplicationFailure.create({ message: 'the disk takes no more', type: 'RESOURCE_DISK' });
  const place = { story: 'story-x', item: 'shot dawn', stage: 'base', attempt: 2 };
  temporalLogger(createLogger('base', 'info', log)).warn('Activity failed', { ...place, error, taskToken: 'bytes' });
  expect(log.objects).toHaveLength(1);
  expect(log.objects[0]).toMatchObject({
    ...place,
    pool: 'base',
    level: 40,
    code: 'RESOURCE_DISK',
    err: { message: 'the disk takes no more' },
    msg: 'Activity failed',
  });
  expect(log.objects[0]).not.toHaveProperty('taskToken');
});

test('a level below the setting is not written', () => {
  const log = lines();
  temporalLogger(createLogger('sr', 'warn', log)).info('noise', {});
  expect(log.objects).toEqual([]);
});

test('what others wrote steers no terminal that shows the log, and is the same for who parses it', () => {
  const written: string[] = [];
  const evil = 'a\u001b[2J\u009b31m\u202e\u2028';
  createLogger('base', 'info', { write: (line) => void written.push(line) }).info({ story: evil }, evil);
  expect(written.join('')).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(written.join(''))).toMatchObject({ story: evil, msg: evil });
});
