import { expect, test } from '@jest/globals';
import { parseScript } from '../story/script/parse-script.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { inCriticalOrder } from './critical-path.ts';
import { itemsOf } from './item-tasks.ts';

function orderOf(shots: string): string[] {
  const script = parseScript(`title: Order\nshots:\n${shots}`, { fileName: 'order.yaml' });
  return inCriticalOrder(itemsOf(planStory(script, exampleModels))).map(({ name }) => name);
}

test('what a long chain waits for is queued before what nothing waits for', () => {
  const order = orderOf(`  - { id: a, prompt: one }
  - { id: b, prompt: two, join: cut }
  - { id: c, prompt: three, join: cut }
  - { id: d, prompt: four, continue: true }
  - { id: e, prompt: five, continue: true }
`);
  expect(order).toEqual(['shot c', 'shot d', 'shot a', 'shot b', 'shot e']);
});

test('shots of equal weight stay in the order of the film, and joins come after what they join', () => {
  const order = orderOf(`  - { id: a, prompt: one }
  - { id: b, prompt: two, join: seine }
  - { id: c, prompt: three, join: seine }
`);
  expect(order.slice(0, 3)).toEqual(['shot a', 'shot b', 'shot c']);
  expect(order.slice(3)).toHaveLength(2);
});
