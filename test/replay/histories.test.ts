import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { installQuietRuntime, patienceMs } from '../fakes/farm.ts';
import { historyFromJson } from '../fakes/history.ts';
import type { History } from '../fakes/history.ts';

jest.setTimeout(patienceMs);
installQuietRuntime();

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

function recorded(name: string): History {
  return historyFromJson(readFileSync(`${folder}${name}.json`, 'utf8'));
}

function replay(history: History): Promise<void> {
  const codePath = process.env['SHOTLINE_TEST_BUNDLE'];
  if (codePath === undefined) throw new Error('Run this test in the Jest project "workflow"');
  // Children are named after their story, so the replay must run under its id.
  const { workflowId } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  return Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId ?? undefined);
}

describe('today’s workflows', () => {
  test('have recorded histories', () => {
    const stories = ['story-plain', 'story-rerolled', 'story-paused', 'story-gated', 'shot-plain', 'join-plain'];
    expect(names).toEqual(expect.arrayContaining([...stories, 'gate-plain', 'campaign-plain', 'prompt-plain']));
  });

  test.each(names)('replay %s', async (name) => {
    await expect(replay(recorded(name))).resolves.toBeUndefined();
  });

  test('do not replay a history in which another activity ran', async () => {
    const history = recorded('shot-plain');
    const types = history.events!.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType ?? []);
    types[0]!.name = 'enhanceSegment';
    await expect(replay(history)).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
