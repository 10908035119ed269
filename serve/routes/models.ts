import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { listAlternatives, listModelSets, readModelSetState } from '../../storage/model-library.ts';
import { modelSetListAnswer } from '../answers.ts';
import type { ServerParts } from '../server-parts.ts';

/** `GET /v1/model-sets`. */
export function addModelRoutes(routes: FastifyInstance, { modelsDir }: ServerParts): Promise<void> {
  routes.withTypeProvider<ZodTypeProvider>().get(
    '/v1/model-sets',
    {
      schema: {
        tags: ['Server'],
        summary: 'Model sets that a script may choose',
        response: { 200: modelSetListAnswer },
      },
    },
    async () => {
      const names = await listModelSets(modelsDir);
      const data = await Promise.all(
        names.map(async (name) => {
          const { missing } = await readModelSetState(modelsDir, name);
          const bases = await listAlternatives(modelsDir, name);
          return {
            object: 'model_set' as const,
            id: name,
            installed: missing.length === 0,
            missing: missing.map(({ packages }) => packages.join(' or ')),
            bases: bases.flatMap(({ base }) => base ?? []),
          };
        }),
      );
      return { object: 'list' as const, data, has_more: false as const };
    },
  );
  return Promise.resolve();
}
