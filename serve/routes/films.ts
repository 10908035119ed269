import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RequestError } from '../problem.ts';
import type { PreviewKind } from '../previews.ts';
import { fileOf, problems, signedAddress } from '../documented.ts';
import type { ServerParts } from '../server-parts.ts';
import { plannedItem } from '../story-answer.ts';
import type { StoryMoment } from '../story-moment.ts';
import type { StoryResult } from '../../workflows/contracts.ts';

const storyParams = z.object({ id: z.string().min(1).max(300) });
const itemParams = storyParams.extend({ item: z.string().min(1).max(220).describe('`shot dawn`, `join dawn+storm`.') });
const tags = ['Films'];
const file = { 302: signedAddress, ...problems };
const urlSeconds = 3600;
/** A film does not change while its story is looked at. */
const freshMs = 2000;

/** What lies beside a film, by the last part of its address. */
const extras = {
  poster: { summary: 'Poster of a film', key: (film: StoryResult) => film.posterKey },
  storyboard: { summary: 'Storyboard of a film', key: (film: StoryResult) => film.storyboardKey },
  manifest: { summary: 'How each frame of a film came to be', key: (film: StoryResult) => film.manifestKey },
} as const;

/** Films, and pictures of what is under way. */
export function addFilmRoutes(
  server: FastifyInstance,
  { watches, films, objects, previews }: ServerParts,
): Promise<void> {
  const routes = server.withTypeProvider<ZodTypeProvider>();

  const momentOf = async (id: string): Promise<StoryMoment> => {
    const watch = watches.of(id);
    await watch.latest(freshMs);
    if (watch.moment === null)
      throw new RequestError('TOO_EARLY', `nothing is known of ${id} yet`, 'ask again in a moment');
    return watch.moment;
  };
  const filmOf = async (id: string): Promise<StoryResult> => {
    const { film } = await momentOf(id);
    if (film === null)
      throw new RequestError(
        'TOO_EARLY',
        `${id} has no film yet`,
        'GET /v1/stories/{id}/events tells when it is there',
      );
    return film;
  };
  const redirect = async (reply: FastifyReply, key: string): Promise<FastifyReply> =>
    reply.redirect(await films.url(key, urlSeconds), 302);

  routes.get(
    '/v1/stories/:id/film',
    { schema: { tags, summary: 'The film: an MP4', params: storyParams, response: file } },
    async ({ params }, reply) => redirect(reply, (await filmOf(params.id)).filmKey),
  );
  for (const [name, { summary, key }] of Object.entries(extras)) {
    routes.get(
      `/v1/stories/:id/film/${name}`,
      { schema: { tags, summary, params: storyParams, response: file } },
      async ({ params }, reply) => redirect(reply, key(await filmOf(params.id))),
    );
  }
  routes.get(
    '/v1/stories/:id/film/captions',
    {
      schema: {
        tags,
        summary: 'Captions of a film',
        params: storyParams,
        querystring: z.object({ format: z.enum(['vtt', 'srt']).default('vtt') }),
        response: { 200: fileOf('text/vtt', 'WebVTT, or SRT as application/x-subrip.'), ...problems },
      },
    },
    async ({ params, query: { format } }, reply) => {
      const film = await filmOf(params.id);
      const key = format === 'vtt' ? film.captionsKey : film.subtitlesKey;
      const found = key === undefined ? null : await objects.get(key);
      if (found === null) throw new RequestError('NOT_FOUND', `the film of ${params.id} has no captions`);
      // Not a redirect: a player takes a track of its own origin alone.
      return reply.type(format === 'vtt' ? 'text/vtt' : 'application/x-subrip').send(await text(found.body));
    },
  );

  const send = async (
    reply: FastifyReply,
    moment: StoryMoment,
    name: string,
    kind: PreviewKind,
  ): Promise<FastifyReply> => {
    const item = plannedItem(moment.plan, name);
    if (item === null)
      throw new RequestError(
        'NOT_FOUND',
        `${moment.id} has no item ${JSON.stringify(name.slice(0, 80))}`,
        'GET /v1/stories/{id} lists its items',
      );
    const bytes = await previews.of(item, kind);
    return reply
      .type(kind === 'poster' ? 'image/jpeg' : 'video/mp4')
      .header('accept-ranges', 'none')
      .send(bytes);
  };
  for (const kind of ['poster', 'preview'] as const) {
    routes.get(
      `/v1/stories/:id/items/:item/${kind}`,
      {
        schema: {
          tags,
          summary: kind === 'poster' ? 'A frame of a shot or join: a JPEG' : 'A shot or join as a small MP4',
          description:
            'There as soon as the frames are, long before the film. With `v` of the address in the story, it may be kept for ever.',
          params: itemParams,
          querystring: z.object({ v: z.string().max(64).optional() }),
          response: {
            200: kind === 'poster' ? fileOf('image/jpeg', 'A JPEG.') : fileOf('video/mp4', 'An MP4.'),
            ...problems,
          },
        },
      },
      async ({ params, query }, reply) => {
        const moment = await momentOf(params.id);
        if (query.v !== undefined) void reply.header('cache-control', 'private, max-age=31536000, immutable');
        return send(reply, moment, params.item, kind);
      },
    );
  }
  routes.get(
    '/v1/stories/:id/poster',
    {
      schema: {
        tags,
        summary: 'A picture of a story, whatever there is of it',
        params: storyParams,
        response: { 200: fileOf('image/jpeg', 'A JPEG.'), ...file },
      },
    },
    async ({ params }, reply) => {
      const moment = await momentOf(params.id);
      const answer = await watches.of(params.id).latest(freshMs);
      const first = answer.items.find(({ poster, kind }) => poster !== null && kind === 'shot');
      void reply.header('cache-control', 'private, max-age=30');
      if (first !== undefined) return send(reply, moment, first.name, 'poster');
      if (moment.film !== null) return redirect(reply, moment.film.posterKey);
      throw new RequestError('TOO_EARLY', `${params.id} has no picture yet`, 'ask again in a moment');
    },
  );
  return Promise.resolve();
}
