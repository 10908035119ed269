import { describe, expect, test } from '@jest/globals';
import { planMadeStory } from '../story/plan/plan-story.ts';
import { tasksOf } from '../story/plan/task-list.ts';
import { rerolled } from '../story/script/script-edits.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { childIdOf, itemsOf, producersOf } from './item-tasks.ts';

const script = exampleStory([exampleJoin, exampleJoin, { kind: 'dissolve' }]);
const plan = planMadeStory(script, exampleModels);
const [first, second, third, seine, dissolve] = itemsOf(plan);

describe('the items of a story', () => {
  test('are its shots and joins, with their tasks in order', () => {
    expect(itemsOf(plan).map(({ name }) => name)).toEqual([
      'shot shot-0',
      'shot shot-1',
      'shot shot-2',
      'join shot-0+shot-1',
      'join shot-1+shot-2',
    ]);
    expect(first!.tasks.map(({ item, task }) => `${item} ${task.stage}`)).toEqual(
      ['base', 'interp', 'segment', 'segment', 'segment'].map((stage) => `shot shot-0 ${stage}`),
    );
  });

  test('need of others what they do not make themselves', () => {
    expect(first!.inputs).toEqual([]);
    expect(seine!.inputs).toEqual([plan.shots[0]!.base.key, plan.shots[1]!.base.key]);
    expect(dissolve!.inputs).toEqual([plan.shots[1]!.interp.key, plan.shots[2]!.interp.key]);
  });

  test('rest on the tasks that make those, and on what these rest on, each named once', () => {
    const stagesOf = (item: typeof seine): string[] =>
      producersOf(item!, tasksOf(plan)).map(({ item: name, task }) => `${name} ${task.stage}`);
    expect(stagesOf(first)).toEqual([]);
    expect(stagesOf(seine)).toEqual(['shot shot-0 base', 'shot shot-1 base']);
    expect(stagesOf(dissolve).sort()).toEqual([
      'shot shot-1 base',
      'shot shot-1 interp',
      'shot shot-2 base',
      'shot shot-2 interp',
    ]);
    // What is not a task of the story is an upload: nobody can make it again.
    expect(producersOf(dissolve!, [])).toEqual([]);
  });

  test('that come to other pixels have another mark and another child', () => {
    const [again, same] = itemsOf(planMadeStory(rerolled(script, { shot: 'shot-0' }), exampleModels));
    expect(again!.mark).not.toBe(first!.mark);
    expect(same!.mark).toBe(second!.mark);
    const last = first!.tasks.at(-1)!.task.key;
    expect(childIdOf('story-7', first!)).toBe(`story-7/shot-0-${last.slice(0, 8)}`);
    expect(childIdOf('story-7', again!)).not.toBe(childIdOf('story-7', first!));
    expect(childIdOf('story-7', { ...third!, tasks: [] })).toBe('story-7/shot-2-');
  });
});
