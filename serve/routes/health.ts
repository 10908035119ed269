import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { healthAnswer } from '../answers.ts';
import type { ServerParts } from '../server-parts.ts';

const patienceMs = 2000;

/** `GET /v1/health`: whether Temporal and the storage answer. 503 when one does not, for a balancer looks at the status. */
export function addHealthRoutes(routes: FastifyInstance, { client, objects }: ServerParts): Promise<void> {
  routes.withTypeProvider<ZodTypeProvider>().get(
    '/v1/health',
    {
      schema: {
        tags: ['Server'],
        summary: 'Whether Temporal and the storage answer',
        response: { 200: healthAnswer, 503: healthAnswer },
      },
    },
    async (_request, reply) => {
      const asked = await Promise.allSettled([
        client.withDeadline(Date.now() + patienceMs, () => client.workflowService.getSystemInfo({})),
        objects.head('health'),
      ]);
      const [temporal, storage] = asked.map(({ status }) => (status === 'fulfilled' ? 'ok' : 'unavailable'));
      const isWhole = temporal === 'ok' && storage === 'ok';
      return reply.status(isWhole ? 200 : 503).send({
        status: isWhole ? 'ok' : 'degraded',
        temporal: temporal ?? 'unavailable',
        storage: storage ?? 'unavailable',
      });
    },
  );
  return Promise.resolve();
}
