import { randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { prepareNormalForm } from '../../client/prepare-story.ts';
import { storyHandle } from '../../client/story-client.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import { listStories } from '../../client/story-list.ts';
import { submitPrepared } from '../../client/submit-prepared.ts';
import { rerolled, reworded } from '../../story/script/script-edits.ts';
import { scriptLimits } from '../../story/script/script-limits.ts';
import type { StoryScript } from '../../story/script/script.ts';
import type { ChangeReceipt } from '../../workflows/contracts.ts';
import { changeAnswer, storyAnswer, storyListAnswer } from '../answers.ts';
import type { ChangeAnswer, StoryAnswer } from '../answers.ts';
import { submitOnce } from '../idempotency.ts';
import { pageOf } from '../list-page.ts';
import { RequestError } from '../problem.ts';
import { sentScript, submitSent, takeYaml } from '../sent-script.ts';
import { keptScript } from '../script-copy.ts';
import { problems } from '../documented.ts';
import type { ServerParts } from '../server-parts.ts';
import { untilOver } from '../until-over.ts';

const storyParams = z.object({ id: z.string().min(1).max(300).describe('Id of the story.') });
const shotParams = storyParams.extend({ shot: z.string().min(1).max(100).describe('Id of the shot.') });
const tags = ['Stories'];
const answers = problems;
/** Younger than anybody could tell. */
const freshMs = 300;

/** `/v1/stories`: submit, list, look, steer and change. */
export function addStoryRoutes(server: FastifyInstance, parts: ServerParts): Promise<void> {
  takeYaml(server);
  const { client, objects, watches } = parts;
  const routes = server.withTypeProvider<ZodTypeProvider>();
  const story = (id: string): StoryHandle => storyHandle(client, id);
  const now = (id: string): Promise<StoryAnswer> => watches.of(id).latest(0);

  routes.post(
    '/v1/stories',
    {
      schema: {
        tags,
        summary: 'Submit a script: makes its film',
        description:
          'Answers as soon as the story runs. The id follows from the script, so the same script finds its story, with the same answer. With ' +
          '`Idempotency-Key` a request that is sent twice starts nothing the second time. `Prefer: wait=60` waits for the end.',
        headers: z.object({
          'idempotency-key': z.string().min(1).max(255).optional(),
          prefer: z.string().optional(),
        }),
        body: sentScript,
        response: { 201: storyAnswer, ...answers },
      },
    },
    async ({ body, headers }, reply) => {
      const submit = (): Promise<string> => submitSent(parts, body);
      const key = headers['idempotency-key'];
      const id = key === undefined ? await submit() : await submitOnce(objects, key, body, submit);
      const answer = await untilOver(watches.of(id), headers.prefer, now(id));
      return reply
        .status(201)
        .header('location', `/v1/stories/${encodeURIComponent(id)}`)
        .send(answer);
    },
  );

  routes.get(
    '/v1/stories',
    {
      schema: {
        tags,
        summary: 'List the stories, the latest first',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(100).default(20),
          after: z.string().max(300).optional().describe('Id of the last story of the page before.'),
        }),
        response: { 200: storyListAnswer, ...answers },
      },
    },
    ({ query }) => pageOf((limit) => listStories(client, limit), query),
  );

  routes.get(
    '/v1/stories/:id',
    {
      schema: {
        tags,
        summary: 'How a story is',
        description: 'A story that failed is answered with 200 and its state. `Prefer: wait=60` waits for the end.',
        params: storyParams,
        headers: z.object({ prefer: z.string().optional() }),
        response: { 200: storyAnswer, ...answers },
      },
    },
    ({ params, headers }) => {
      const watch = watches.of(params.id);
      return untilOver(watch, headers.prefer, watch.latest(freshMs));
    },
  );

  routes.get(
    '/v1/stories/:id/script',
    {
      schema: {
        tags,
        summary: 'The script of a story',
        params: storyParams,
        response: {
          200: z.object({
            text: z.string().nullable().describe('As it was sent to this server; without later changes of shots.'),
            script: z.record(z.string(), z.unknown()).describe('Normal form, with every change.'),
          }),
          ...answers,
        },
      },
    },
    async ({ params: { id } }) => {
      const [text, script] = await Promise.all([keptScript(objects, id), story(id).script()]);
      return { text, script: { ...script } };
    },
  );

  const steer = (verb: string, summary: string, act: (handle: StoryHandle) => Promise<unknown>): void => {
    routes.post(
      `/v1/stories/:id/${verb}`,
      { schema: { tags, summary, params: storyParams, response: { 200: storyAnswer, ...answers } } },
      async ({ params: { id } }) => {
        await runningStory(story(id));
        await act(story(id));
        return now(id);
      },
    );
  };
  steer('pause', 'Stop the work at a checkpoint', (handle) => handle.pause());
  steer('resume', 'Go on after a pause', (handle) => handle.resume());

  routes.post(
    '/v1/stories/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Stop a story; what is done stays',
        description: 'Safe to call again: a story that is over is answered as it is.',
        params: storyParams,
        response: { 200: storyAnswer, 202: storyAnswer, ...answers },
      },
    },
    async ({ params: { id } }, reply) => {
      const { status } = await story(id).describe();
      if (status.name !== 'RUNNING') return reply.status(200).send(await now(id));
      await story(id).cancel();
      return reply.status(202).send(await now(id));
    },
  );

  const change = async (
    id: string,
    shot: string,
    tell: (handle: StoryHandle) => Promise<ChangeReceipt>,
    apply: (script: StoryScript) => StoryScript,
  ): Promise<ChangeAnswer> => {
    const handle = story(id);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') {
      const receipt = await tell(handle);
      await now(id);
      const { seed, prompt, remade } = receipt;
      return { object: 'story.change', story_id: id, shot: receipt.shot, seed, prompt, remade: [...remade] };
    }
    const prepared = await prepareNormalForm(parts.modelsDir, apply(await handle.script()));
    await submitPrepared(parts, prepared);
    const changed = prepared.script.shots.find((each) => each.id === shot);
    return {
      object: 'story.change',
      story_id: prepared.workflowId,
      shot,
      seed: changed?.sampling.seed ?? 0,
      prompt: changed?.prompt ?? '',
      remade: [],
    };
  };

  routes.patch(
    '/v1/stories/:id/shots/:shot',
    {
      schema: {
        tags,
        summary: 'Give a shot other words',
        description:
          'A running story makes the shot and its joins again. For one that is over, a new story is started, which finds what stays.',
        params: shotParams,
        body: z.object({ prompt: z.string().max(2 * scriptLimits.promptLength) }),
        response: { 200: changeAnswer, ...answers },
      },
    },
    ({ params: { id, shot }, body: { prompt } }) =>
      change(
        id,
        shot,
        (handle) => handle.editShot({ shot, prompt }),
        (script) => reworded(script, { shot, prompt }),
      ),
  );

  routes.post(
    '/v1/stories/:id/shots/:shot/reroll',
    {
      schema: {
        tags,
        summary: 'Make a shot again with another seed',
        params: shotParams,
        body: z.object({ seed: z.number().int().min(0).max(scriptLimits.maxSeed).optional() }).nullish(),
        response: { 200: changeAnswer, ...answers },
      },
    },
    ({ params: { id, shot }, body }) => {
      const request = { shot, seed: body?.seed ?? randomInt(scriptLimits.maxSeed) };
      return change(
        id,
        shot,
        (handle) => handle.reroll(request),
        (script) => rerolled(script, request),
      );
    },
  );
  return Promise.resolve();
}

/** @throws RequestError `STORY_OVER`. */
async function runningStory(handle: StoryHandle): Promise<void> {
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') return;
  throw new RequestError(
    'STORY_OVER',
    `the story '${handle.id}' is over (${status.name.toLowerCase()}); only a running one can be paused or resumed`,
    'submit its script again, which goes on with what was made',
  );
}
