import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { planStory } from '../story/plan/plan-story.ts';
import type { StoryPlan } from '../story/plan/plan.ts';
import { stageNames } from '../story/plan/stages.ts';
import type { StoryRecipe } from '../workflows/contracts.ts';

/**
 * What must be true of an answer before a command works with it. Whoever may poll the task queues of a deployment answers for
 * its stories, also a program of another kind.
 */
const count = z.number().nonnegative();
const stageState = z.enum(['waiting', 'running', 'done', 'cached', 'failed']);
const shapes = {
  status: z.looseObject({
    storyId: z.string(),
    title: z.string(),
    state: z.enum(['running', 'paused', 'stitching', 'done', 'failed', 'cancelled']),
    items: z.array(
      z.looseObject({
        item: z.string(),
        kind: z.enum(['shot', 'join', 'sound', 'film']),
        stages: z.array(z.looseObject({ stage: z.enum(stageNames), state: stageState, done: count, of: count })),
        childId: z.string().nullable(),
      }),
    ),
    tasksDone: count,
    tasksOf: count,
    cacheHits: count,
    failure: z.string().nullable(),
  }),
  script: z.looseObject({ title: z.string(), shots: z.array(z.looseObject({ id: z.string(), prompt: z.string() })) }),
  film: z
    .looseObject({
      storyId: z.string(),
      title: z.string(),
      bucket: z.string(),
      filmKey: z.string(),
      posterKey: z.string(),
      storyboardKey: z.string(),
      manifestKey: z.string(),
      filmUrl: z.string(),
      posterUrl: z.string(),
      storyboardUrl: z.string(),
      manifestUrl: z.string(),
      urlsExpireMs: count,
      width: count,
      height: count,
      fps: count,
      frames: count,
      seconds: count,
      bytes: count,
      cacheHits: count,
      computed: count,
    })
    .nullable(),
  change: z.looseObject({ shot: z.string(), seed: count, prompt: z.string(), remade: z.array(z.string()) }),
  submit: z.looseObject({
    storyId: z.string(),
    frames: count,
    seconds: count,
    tasks: count,
    shots: count,
    joins: count,
  }),
} as const;

/** An answer of a story's workflow. */
export type AnswerName = keyof typeof shapes;

/**
 * Gives an answer back when it is one.
 *
 * @throws PipelineError `STACK_UNAVAILABLE` that says what is wrong with it and who may have given it.
 */
export function checkedAnswer<Answer>(id: string, name: AnswerName, answer: Answer): Answer {
  const { success, error } = shapes[name].safeParse(answer);
  if (success) return answer;
  const [issue] = error.issues;
  const place = [name, ...(issue?.path ?? [])].join('.');
  throw foreignAnswer(id, `${place}: ${issue?.message ?? 'it is something else'}`);
}

/** The plan of a story, by the recipe that was answered. @throws PipelineError `STACK_UNAVAILABLE` when no plan follows from that. */
export function planFrom(id: string, { script, models }: StoryRecipe): StoryPlan {
  checkedAnswer(id, 'script', script);
  try {
    return planStory(script, models);
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw foreignAnswer(
      id,
      `no plan follows from the recipe (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function foreignAnswer(id: string, what: string): PipelineError {
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `what answered for the story '${id}' is no worker of Shotline that this release understands: ${what}. ` +
      '`shotline release status` lists the workers that serve stories; look for a program of another kind on the same task queues, or use the release that the story began with',
    { details: { story: id, answer: what } },
  );
}
