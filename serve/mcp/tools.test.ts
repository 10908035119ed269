import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { exampleAnswer } from '../../test/fakes/example-moment.ts';
import { AnsweredProblem } from './own-requests.ts';
import { briefOf } from './story-brief.ts';
import { tools } from './tools.ts';

describe('the tools of an agent', () => {
  test('say what each input means, in the schema that agents read', () => {
    for (const { name, description, input } of tools) {
      expect([name, /^[a-z]+_[a-z]+$/.test(name), description.length > 40]).toEqual([name, true, true]);
      const { properties = {} } = z.toJSONSchema(input, { io: 'input' });
      const silent = Object.entries(properties).filter(
        ([key, value]) => !['limit'].includes(key) && !(value as { description?: string }).description,
      );
      expect([name, silent]).toEqual([name, []]);
    }
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
  });

  test('a story in short is a tenth of the whole, and names every shot with its words and seed', () => {
    const answer = exampleAnswer();
    const brief = briefOf(answer);
    expect(brief).toMatchObject({ state: 'running', percent: 28, film: false, eta_seconds: 12 });
    expect(brief.items[0]).toBe('shot dawn – running (segment frame 8/16): a red boat [seed 3]');
    expect(brief.items[1]).toContain('join dawn+storm – running (transition step 12/25)');
    expect(JSON.stringify(brief).length).toBeLessThan(JSON.stringify(answer).length / 3);
  });

  test('a problem is told with every line and the next step', () => {
    const { message } = new AnsweredProblem({
      code: 'SCRIPT_INVALID',
      detail: 'story.yaml has 2 problems',
      next: 'mend them',
      problems: [
        { path: 'title', line: 1, message: 'title is empty' },
        { path: '', line: null, message: 'no shots' },
      ],
    });
    expect(message).toBe(
      'SCRIPT_INVALID: story.yaml has 2 problems\nline 1: title is empty\nno shots\nNext: mend them',
    );
  });
});
