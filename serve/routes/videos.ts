import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { signedAddress } from '../documented.ts';
import { problemOf, RequestError } from '../problem.ts';
import type { ServerParts } from '../server-parts.ts';
import { deletedAnswer, videoAnswer, videoListAnswer, videoProblem, videoProblemOf } from '../videos/video-answer.ts';
import { formLimits, takeForm } from '../videos/video-form.ts';
import { followRequest, remixRequest, videoRequest } from '../videos/video-request.ts';
import { Videos } from '../videos/videos.ts';

const videoParams = z.object({ id: z.string().min(1).max(300).describe('Id of the video.') });
const tags = ['Videos'];
const answers = { default: { description: 'An error.', content: { 'application/json': { schema: videoProblem } } } };
const urlSeconds = 3600;
/** What lies under a video, by OpenAI's words for it. */
const variants = { video: 'filmKey', thumbnail: 'posterKey', spritesheet: 'storyboardKey' } as const;

/** `/v1/videos`: what clients of OpenAI's video interface speak, over the same stories. */
export async function addVideoRoutes(server: FastifyInstance, parts: ServerParts): Promise<void> {
  await server.register(fastifyMultipart, { limits: formLimits });
  server.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) parts.log.error({ err: error, method: request.method }, problem.code);
    if (problem.status === 503) void reply.header('retry-after', '5');
    const { status, body } = videoProblemOf(problem);
    return reply.status(status).type('application/json').send(JSON.stringify(body));
  });
  const routes = server.withTypeProvider<ZodTypeProvider>();
  const videos = new Videos(parts);
  const preValidation = (request: FastifyRequest): Promise<void> => takeForm(request, parts.objects);
  const headers = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() });

  routes.post(
    '/v1/videos',
    {
      preValidation,
      schema: {
        tags,
        summary: 'Make a video from a prompt',
        description:
          'A story of one shot, in the words of OpenAI’s video interface: as a form or as JSON. `story` takes a whole script. ' +
          'Without `seed`, every request makes another video.',
        consumes: ['application/json', 'multipart/form-data'],
        headers,
        body: videoRequest,
        response: { 200: videoAnswer, ...answers },
      },
    },
    (request) => videos.create(request.body, request.headers['idempotency-key']),
  );

  routes.get(
    '/v1/videos',
    {
      schema: {
        tags,
        summary: 'Videos',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(100).default(20),
          after: z.string().max(300).optional(),
          order: z.enum(['asc', 'desc']).default('desc'),
        }),
        response: { 200: videoListAnswer, ...answers },
      },
    },
    ({ query }) => videos.list(query),
  );

  routes.get(
    '/v1/videos/:id',
    { schema: { tags, summary: 'How a video is', params: videoParams, response: { 200: videoAnswer, ...answers } } },
    ({ params }) => videos.retrieve(params.id),
  );

  routes.get(
    '/v1/videos/:id/content',
    {
      schema: {
        tags,
        summary: 'The video, its thumbnail, or its storyboard',
        params: videoParams,
        querystring: z.object({ variant: z.enum(['video', 'thumbnail', 'spritesheet']).default('video') }),
        response: { 302: signedAddress, ...answers },
      },
    },
    async ({ params: { id }, query: { variant } }, reply) => {
      const watch = parts.watches.of(id);
      const answer = await watch.latest(300);
      const film = watch.moment?.film ?? null;
      if (film === null)
        throw new RequestError(
          'TOO_EARLY',
          `the video '${id}' is ${answer.state}; there is no film of it`,
          answer.ended_at === null ? 'ask for it until its status is completed' : (answer.failure?.next ?? null),
        );
      await reply.redirect(await parts.films.url(film[variants[variant]], urlSeconds), 302);
    },
  );

  routes.delete(
    '/v1/videos/:id',
    {
      schema: {
        tags,
        summary: 'Delete a video that is over',
        description:
          'Its film and its story. Frames in the cache stay until `shotline gc` finds that nothing needs them.',
        params: videoParams,
        response: { 200: deletedAnswer, ...answers },
      },
    },
    async ({ params: { id } }) => {
      await videos.delete(id);
      return { object: 'video.deleted' as const, id, deleted: true as const };
    },
  );

  routes.post(
    '/v1/videos/:id/remix',
    {
      preValidation,
      schema: {
        tags,
        summary: 'The same video with other words',
        params: videoParams,
        body: remixRequest,
        response: { 200: videoAnswer, ...answers },
      },
    },
    ({ params: { id }, body: { prompt } }) => videos.remix(id, prompt),
  );

  for (const [name, summary] of [
    ['edits', 'The same video with other words'],
    ['extensions', 'A video that goes on from the last frame of another'],
  ] as const) {
    routes.post(
      `/v1/videos/${name}`,
      { preValidation, schema: { tags, summary, body: followRequest, response: { 200: videoAnswer, ...answers } } },
      ({ body: { video, prompt, seconds } }) => {
        const id = typeof video === 'string' ? video : video.id;
        return name === 'edits' ? videos.remix(id, prompt) : videos.extend(id, { prompt, seconds });
      },
    );
  }
}
