import type { FastifyInstance } from 'fastify';
import { RequestError } from '../problem.ts';
import type { ServerParts } from '../server-parts.ts';

/** `POST /mcp`: the Model Context Protocol over HTTP, without sessions, so that any server behind a balancer can answer. */
export function addMcpRoutes(server: FastifyInstance, parts: ServerParts): Promise<void> {
  server.post('/mcp', { schema: { hide: true } }, async (request, reply) => {
    // The protocol's own server takes a quarter of a second to load, which a server without agents need not wait for.
    const [{ StreamableHTTPServerTransport }, { createMcpServer }] = await Promise.all([
      import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
      import('../mcp/mcp-server.ts'),
    ]);
    // Each request has a server of its own: one that is shared would send answers to whoever came last.
    const mcp = createMcpServer(server, parts);
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    reply.hijack();
    reply.raw.on('close', () => {
      void mcp.close();
    });
    await mcp.connect(transport);
    await transport.handleRequest(request.raw, reply.raw, request.body);
  });
  for (const method of ['GET', 'DELETE'] as const) {
    server.route({
      method,
      url: '/mcp',
      schema: { hide: true },
      handler: () => {
        throw new RequestError('METHOD_UNKNOWN', 'this server has no sessions to listen to or to end', 'POST /mcp');
      },
    });
  }
  return Promise.resolve();
}
