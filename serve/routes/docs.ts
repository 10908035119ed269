import type { FastifyInstance } from 'fastify';
import { docsPage } from '../docs-page.ts';
import { problemCodes } from '../problem.ts';
import type { ServerParts } from '../server-parts.ts';

/** `/openapi.json`, and the same as a page. */
export function addDocsRoutes(server: FastifyInstance, { version }: ServerParts): Promise<void> {
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
  server.get('/docs', { schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      .send(docsPage(server.swagger() as Parameters<typeof docsPage>[0], problemCodes, version)),
  );
  return Promise.resolve();
}
