import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pictureLimits } from '../../pictures/limits.ts';
import { fileAnswer } from '../answers.ts';
import { RequestError } from '../problem.ts';
import { problems } from '../documented.ts';
import type { ServerParts } from '../server-parts.ts';
import { takeUpload } from '../uploads.ts';

/** Each has a file of its size on the disk while it comes in. */
const atOnce = 8;

/** `POST /v1/files`: pictures and sounds that scripts refer to. */
export function addFileRoutes(server: FastifyInstance, { objects }: ServerParts): Promise<void> {
  // The body stays a stream: nothing is read before its size is known, or held in memory after.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, body, done) => {
    done(null, body);
  });
  let running = 0;
  server.withTypeProvider<ZodTypeProvider>().post(
    '/v1/files',
    {
      bodyLimit: pictureLimits.bytes,
      schema: {
        tags: ['Files'],
        summary: 'Send a picture or sound that a script refers to',
        description: `The body is the file itself, at most ${String(pictureLimits.bytes >> 20)} MiB. The same bytes have the same id, whoever sends them.`,
        consumes: ['application/octet-stream'],
        body: z.unknown(),
        response: { 201: fileAnswer, ...problems },
      },
    },
    async (request, reply) => {
      if (Number(request.headers['content-length'] ?? 0) > pictureLimits.bytes)
        throw new RequestError(
          'TOO_LARGE',
          `a file has at most ${String(pictureLimits.bytes)} bytes`,
          'send a smaller one',
        );
      if (!(request.body instanceof Readable))
        throw new RequestError('REQUEST_INVALID', 'the request has no body', 'send the file as the body');
      if (running >= atOnce)
        throw new RequestError('TOO_MANY', `${String(running)} files are being sent`, 'send it again in a moment');
      running += 1;
      try {
        const type = request.headers['content-type'] ?? 'application/octet-stream';
        return await reply.status(201).send(await takeUpload(objects, request.body, type));
      } finally {
        running -= 1;
      }
    },
  );
  return Promise.resolve();
}
