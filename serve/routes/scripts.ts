import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { findMade } from '../../client/made-artifacts.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { estimateStory } from '../../story/plan/estimate.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import type { ScriptProblem } from '../../story/script/read-script.ts';
import { checkAnswer, planAnswer } from '../answers.ts';
import type { CheckAnswer } from '../answers.ts';
import { prepareSentScript, sentScript, takeYaml } from '../sent-script.ts';
import { problems } from '../documented.ts';
import type { ServerParts } from '../server-parts.ts';

/** `POST /v1/scripts/validate` and `POST /v1/scripts/plan`. */
export function addScriptRoutes(server: FastifyInstance, parts: ServerParts): Promise<void> {
  takeYaml(server);
  const routes = server.withTypeProvider<ZodTypeProvider>();
  routes.post(
    '/v1/scripts/validate',
    {
      schema: {
        tags: ['Scripts'],
        summary: 'Check a script; every problem at once',
        description:
          'Answers 200 for a wrong script too: `valid` says which it is. Words that the models do not know are warnings.',
        body: sentScript,
        response: { 200: checkAnswer, ...problems },
      },
    },
    async ({ body }) => {
      try {
        return validAnswer(await prepareSentScript(parts, body));
      } catch (error) {
        return invalidAnswer(error);
      }
    },
  );
  routes.post(
    '/v1/scripts/plan',
    {
      schema: {
        tags: ['Scripts'],
        summary: 'What a render would do',
        body: sentScript,
        response: { 200: planAnswer, ...problems },
      },
    },
    async ({ body }) => {
      const { plan, workflowId, warnings } = await prepareSentScript(parts, body);
      const tasks = tasksOf(plan).map(({ task }) => task);
      const made = await findMade(parts.env, tasks);
      const keys = new Set(tasks.map(({ key }) => key));
      const { width, height, fps } = plan.output;
      return {
        object: 'script.plan' as const,
        story_id: workflowId,
        title: plan.title,
        output: { width, height, fps },
        frames: plan.numFrames,
        seconds: plan.seconds,
        artifacts: keys.size,
        made: made === null ? null : [...keys].filter((key) => made.has(key)).length,
        estimate_seconds: estimateStory(plan, { shared: true }, made ?? new Set()).wallSeconds,
        items: plan.timeline.map(({ item, firstFrame, numFrames }) => ({
          name: item,
          first_frame: firstFrame,
          frames: numFrames,
          tasks: tasksIn(plan, item),
        })),
        warnings: [...warnings],
      };
    },
  );
  return Promise.resolve();
}

function tasksIn(plan: StoryPlan, item: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const planned of tasksOf(plan))
    if (planned.item === item) counts[planned.task.stage] = (counts[planned.task.stage] ?? 0) + 1;
  return counts;
}

function validAnswer({ plan, workflowId, warnings }: Awaited<ReturnType<typeof prepareSentScript>>): CheckAnswer {
  return {
    object: 'script.check',
    valid: true,
    story_id: workflowId,
    title: plan.title,
    shots: plan.shots.length,
    frames: plan.numFrames,
    seconds: plan.seconds,
    problems: [],
    warnings: [...warnings],
  };
}

/** A wrong script is an answer; everything else is an error. */
function invalidAnswer(error: unknown): CheckAnswer {
  const isOfScript = error instanceof PipelineError && ['SCRIPT_INVALID', 'MODEL_UNKNOWN'].includes(error.code);
  if (!isOfScript) throw error;
  const { problems = [] } = error.details as { readonly problems?: readonly ScriptProblem[] };
  const found = problems.length > 0 ? [...problems] : [{ path: '', line: null, message: error.message }];
  return {
    object: 'script.check',
    valid: false,
    story_id: null,
    title: null,
    shots: null,
    frames: null,
    seconds: null,
    problems: found,
    warnings: [],
  };
}
