import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifySwagger from '@fastify/swagger';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { workflowPage } from '../client/workflow-page.ts';
import { createArtifactStore } from '../storage/artifact-store.ts';
import { storageConfigFromEnv } from '../storage/config.ts';
import { createFilmStore } from '../storage/film-store.ts';
import { connectObjectStore } from '../storage/object-store.ts';
import { Previews } from './previews.ts';
import { brokenRequest, problemOf, RequestError } from './problem.ts';
import { addDocsRoutes } from './routes/docs.ts';
import { addEventRoutes } from './routes/events.ts';
import { addFileRoutes } from './routes/files.ts';
import { addFilmRoutes } from './routes/films.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMcpRoutes } from './routes/mcp.ts';
import { addModelRoutes } from './routes/models.ts';
import { addPageRoutes } from './routes/page.ts';
import { addScriptRoutes } from './routes/scripts.ts';
import { addStoryRoutes } from './routes/stories.ts';
import { addVideoRoutes } from './routes/videos.ts';
import type { ServerParts, ServerSettings } from './server-parts.ts';
import { storyAnswer } from './story-answer.ts';
import { readMoment } from './story-moment.ts';
import { StoryWatches } from './story-watches.ts';

/** A script of the greatest length, with what JSON makes of its signs. */
const bodyLimit = 1024 * 1024;
/** As often as anybody sees a change. */
const pollMs = 700;

/**
 * The HTTP server of Shotline: stateless beside Temporal and S3. It does not listen yet; the caller closes it.
 * @throws PipelineError `SETTING_INVALID`.
 */
export async function createServer(settings: ServerSettings): Promise<FastifyInstance> {
  const { client, temporal, env, door, log } = settings;
  const objects = connectObjectStore(storageConfigFromEnv(env));
  const watches = new StoryWatches({
    read: (id, before) => readMoment(client, id, before),
    answer: (moment) => storyAnswer(moment, workflowPage(temporal, moment.id)),
    pollMs,
  });
  const previews = new Previews({ artifacts: createArtifactStore(objects), objects });
  const parts: ServerParts = { ...settings, objects, films: createFilmStore(objects), watches, previews };
  const server = fastify({
    bodyLimit,
    // Slow clients hold a connection, and not for ever.
    requestTimeout: 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
    // What is refused before it is a request.
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return;
      const { status, body } = brokenRequest(error.code);
      socket.end(
        `HTTP/1.1 ${String(status)} ${body.title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n\r\n${JSON.stringify(body)}`,
      );
    },
    // What the router refuses before any hook: addresses that are too long or no addresses.
    frameworkErrors: (error, _request, reply) => {
      const problem = problemOf(error);
      const answer = reply as unknown as FastifyReply;
      void answer.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
    },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.addHook('onClose', () => {
    objects.close();
  });
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(safeHeaders);
    door.check({ method: request.method, path: pathOf(request.url), headers: request.headers });
    done();
  });
  server.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    // Who goes away in the middle of what it sends is no fault of the server.
    if (problem.status >= 500 && !request.raw.destroyed)
      log.error({ err: error, method: request.method, path: pathOf(request.url) }, problem.code);
    if (problem.status === 503) void reply.header('retry-after', '5');
    if (problem.code === 'KEY_MISSING' && isVisit(request.headers)) return reply.redirect('/open', 303);
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  server.setNotFoundHandler((request, reply) => {
    const problem = problemOf(
      new RequestError(
        'NOT_FOUND',
        `there is nothing at ${request.method} ${pathOf(request.url).slice(0, 200)}`,
        '/docs describes every call',
      ),
    );
    return reply.status(404).type('application/problem+json').send(JSON.stringify(problem));
  });
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Shotline',
        version: settings.version,
        description: await readFile(join(settings.root, 'serve', 'openapi.md'), 'utf8'),
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
      tags: [
        { name: 'Scripts', description: 'Check and plan a script. Nothing is started.' },
        { name: 'Stories', description: 'Make films, follow and change them.' },
        { name: 'Films', description: 'What came out.' },
        { name: 'Videos', description: 'The same stories for clients of OpenAI’s video interface.' },
        { name: 'Files', description: 'Pictures and sounds that scripts refer to.' },
        { name: 'Server', description: 'What this server has.' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  for (const add of [
    addHealthRoutes,
    addModelRoutes,
    addScriptRoutes,
    addStoryRoutes,
    addEventRoutes,
    addFilmRoutes,
    addFileRoutes,
    addVideoRoutes,
    addMcpRoutes,
    addDocsRoutes,
    addPageRoutes,
  ])
    await server.register((routes) => add(routes, parts));
  return server;
}

/** For every answer: what it is was said, nobody frames it, and addresses with ids of stories go nowhere else. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

const pathOf = (url: string): string => url.split('?')[0] ?? url;
const isVisit = (headers: Readonly<Record<string, unknown>>): boolean => headers['sec-fetch-mode'] === 'navigate';
