import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { bundlePage } from '../page-bundle.ts';
import type { PageFile } from '../page-bundle.ts';
import { RequestError } from '../problem.ts';
import type { ServerParts } from '../server-parts.ts';

const compress = promisify(gzip);
const hidden = { schema: { hide: true } };

/** The page, its files, and the way in for a browser. */
export async function addPageRoutes(server: FastifyInstance, { root, door, env, log }: ServerParts): Promise<void> {
  const files = await bundlePage(root);
  const packed = new Map(
    await Promise.all([...files].map(async ([name, { bytes }]) => [name, await compress(bytes)] as const)),
  );
  const storage = storageOrigin(env);

  const page = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policyOf(nonce, storage))
      .send(shell(nonce, files));
  };
  for (const path of ['/', '/new', '/stories/:id']) server.get(path, hidden, page);

  server.get<{ Params: { name: string } }>('/assets/:name', hidden, (request, reply) => {
    const { name } = request.params;
    const file = files.get(name);
    if (file === undefined)
      throw new RequestError('NOT_FOUND', `there is no file ${JSON.stringify(name.slice(0, 80))}`);
    void reply.type(file.type).header('etag', `"${file.tag}"`).header('cache-control', 'private, no-cache');
    if (request.headers['if-none-match'] === `"${file.tag}"`) return reply.status(304).send();
    const isPacked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (isPacked) void reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding');
    return reply.send(isPacked ? packed.get(name) : Buffer.from(file.bytes));
  });

  server.get<{ Querystring: { ticket?: string } }>('/open', hidden, (request, reply) => {
    const { ticket } = request.query;
    const session = typeof ticket === 'string' ? door.admit(ticket) : null;
    if (session !== null) {
      log.info('a browser was let in');
      const cookie = `${door.cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
      return reply.header('set-cookie', cookie).redirect('/', 303);
    }
    if (door.knows(request.headers)) return reply.redirect('/', 303);
    const nonce = randomBytes(16).toString('base64');
    return reply
      .status(401)
      .type('text/html; charset=utf-8')
      .header('content-security-policy', `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'`)
      .send(closedPage(nonce));
  });
}

/** Where signed addresses of films lead; `null` when it is AWS, whose hosts have the name of the bucket. */
function storageOrigin(env: ServerParts['env']): string {
  const { publicEndpoint, region, bucket } = storageConfigFromEnv(env);
  if (publicEndpoint !== null) return new URL(publicEndpoint).origin;
  return `https://${bucket}.s3.${region}.amazonaws.com`;
}

/** Nothing but its own script and style; pictures and films of this server and of the storage that it leads to. */
const policyOf = (nonce: string, storage: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The editor writes the rules of its theme into an element of this nonce.
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: ${storage}`,
    `media-src 'self' ${storage}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const shell = (nonce: string, files: ReadonlyMap<string, PageFile>): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="style-nonce" content="${nonce}">
<title>Shotline</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%23d9622b'/%3E%3Cpath d='M3 5h3v6H3zm4 2h2v2H7zm3-2h3v6h-3z' fill='%23fff'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/assets/studio.css?${files.get('studio.css')?.tag ?? ''}">
</head>
<body>
<div id="studio"></div>
<noscript>The studio needs JavaScript. The command line and the API at /docs do not.</noscript>
<script type="module" src="/assets/studio.js?${files.get('studio.js')?.tag ?? ''}"></script>
</body>
</html>`;

/** What a browser sees that was not let in: the files of the page are behind the door, so it brings its own few rules. */
const closedPage = (nonce: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Shotline</title>
<style nonce="${nonce}">
html { font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; background: light-dark(#f6f4f0, #131210); color: light-dark(#211f1b, #ece8e0); }
main { max-width: 44ch; margin: 22vh auto 0; padding: 0 20px; }
h1 { font-size: 22px; letter-spacing: -0.012em; }
code { font: 13px ui-monospace, monospace; }
</style>
<main><h1>This door needs its link</h1>
<p>The link was used, or is of another start of the server. <code>shotline serve</code> printed a new one in its terminal: open that.</p></main></html>`;
