import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { fileOf, problems } from '../documented.ts';
import type { ServerParts } from '../server-parts.ts';
import type { NumberedEvent } from '../story-watch.ts';

/** Proxies close connections that are silent for a minute. */
const pingMs = 15_000;
/** A reader that is so far behind is let go; it comes back and hears what it missed. */
const maxBehindBytes = 1024 * 1024;

/** `GET /v1/stories/{id}/events`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function addEventRoutes(server: FastifyInstance, { watches }: ServerParts): Promise<void> {
  const open = new Set<ServerResponse>();
  const pings = setInterval(() => {
    for (const stream of open) stream.write(': ping\n\n');
  }, pingMs);
  pings.unref();
  server.addHook('preClose', () => {
    clearInterval(pings);
    for (const stream of open) stream.end();
  });
  server.withTypeProvider<ZodTypeProvider>().get(
    '/v1/stories/:id/events',
    {
      schema: {
        tags: ['Stories'],
        summary: 'What happens to a story, as it happens',
        description:
          '`text/event-stream`. `snapshot`: the whole story, first of all and whenever its items change places; `item`: one item that changed; ' +
          '`story`: the story without its items; `end`: nothing changes any more, and the stream ends. `Last-Event-ID` goes on where a stream broke off.',
        params: z.object({ id: z.string().min(1).max(300) }),
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        response: { 200: fileOf('text/event-stream', 'Events.'), ...problems },
      },
    },
    async (request, reply) => {
      const watch = watches.of(request.params.id);
      // A story that is not there is an answer; a stream could not say it any more.
      await watch.latest(60_000);
      reply.hijack();
      const stream = reply.raw;
      const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      stream.writeHead(200, {
        ...Object.fromEntries(headers),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would keep events back until its buffer is full.
        'x-accel-buffering': 'no',
      });
      stream.write('retry: 3000\n\n');
      open.add(stream);
      let stop = (): void => undefined;
      const leave = (): void => {
        open.delete(stream);
        stop();
      };
      stream.once('close', leave);
      stream.on('error', leave);
      stop = watch.watch((events) => {
        if (stream.writableLength > maxBehindBytes) {
          stream.destroy();
          return;
        }
        for (const event of events) stream.write(eventText(event));
        if (events.some(({ event }) => event === 'end')) stream.end();
      }, request.headers['last-event-id'] ?? null);
      if (stream.writableEnded) leave();
    },
  );
  return Promise.resolve();
}

const texts = new WeakMap<NumberedEvent, string>();

/** An event as it is sent: made once, however many hear it. */
function eventText(event: NumberedEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = `id: ${event.id}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`;
  texts.set(event, text);
  return text;
}
