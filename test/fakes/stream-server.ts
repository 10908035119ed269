import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** Serves the files of a folder, whole and by byte range, as players of streams ask for them. */
export async function serveFolder(folder: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    void readFile(join(folder, basename(request.url ?? ''))).then(
      (content) => {
        const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
        const end = to === undefined || to === '' ? content.length : Number(to) + 1;
        const part = from === undefined ? content : content.subarray(Number(from), end);
        const last = Number(from) + part.length - 1;
        const range = from === undefined ? {} : { 'content-range': `bytes ${from}-${last}/${content.length}` };
        response.writeHead(from === undefined ? 200 : 206, {
          ...range,
          'content-length': part.length,
          'accept-ranges': 'bytes',
        });
        response.end(part);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, server };
}
