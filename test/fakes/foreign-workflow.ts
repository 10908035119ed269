import { condition, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';

/** A workflow of a program of another kind that has the names of a story, and answers in its own way. */
export async function storyWorkflow(): Promise<void> {
  setHandler(defineQuery('status'), () => ({
    storyId: 'x',
    title: 'x',
    state: 'running',
    tasksDone: 0,
    tasksOf: 0,
    cacheHits: 0,
    failure: null,
    items: [{ item: 'x', kind: 'shot', childId: null }],
  }));
  setHandler(defineQuery('recipe'), () => ({ script: { title: 'x' }, models: 7 }));
  setHandler(defineQuery('filmUrl'), () => ({ storyId: 'x', title: 'x', bucket: 'x' }));
  setHandler(defineUpdate('pause'), () => ({ storyId: 'x', title: 'x', state: 'fine' }));
  await condition(() => false);
}
