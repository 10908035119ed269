import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StackRecord } from '../../infra/local/stack-record.ts';
import { withPage } from './browser.ts';

/** What an open page somewhere in the browser would like to know: where the servers of the local stack listen. */
export interface Doors {
  readonly seaweed: NonNullable<StackRecord['seaweed']>['ports'];
  readonly temporal: NonNullable<StackRecord['temporal']>['ports'];
  /** Object key of a film. */
  readonly film: string;
}

/** One request of the page, and what it could read of the answer: `null` when the server or the browser said no. */
export interface Attempt {
  readonly request: string;
  readonly read: string | null;
}

/** Name of the workflow that the page tries to start. */
export const evilWorkflow = 'csrf-proof';

/** Opens a page of another origin that tries every door. What it changed is to be seen at the servers. */
export async function openEvilPage(doors: Doors): Promise<readonly Attempt[]> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html').end('<!doctype html><title>Nice pictures</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await withPage(async (page) => {
      await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
      return page.evaluate(attack, { ...doors, workflow: evilWorkflow });
    });
  } finally {
    server.close();
  }
}

/** Runs inside the page, where nothing of this file is in reach. */
async function attack({ seaweed, temporal, film, workflow }: Doors & { workflow: string }): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const send = async (port: number, path: string, options: RequestInit = {}): Promise<void> => {
    const request = `${options.method ?? 'GET'} ${String(port)}${path} ${options.mode ?? 'cors'}`;
    const read = await fetch(`http://127.0.0.1:${String(port)}${path}`, options).then(
      async (answer) => (answer.ok ? `${String(answer.status)} ${await answer.text()}` : null),
      () => null,
    );
    attempts.push({ request, read });
  };
  const blind = (method: string, body: string): RequestInit => ({
    method,
    mode: 'no-cors',
    headers: { 'content-type': 'text/plain' },
    body,
  });

  for (const port of [...Object.values(seaweed), ...Object.values(temporal)]) await send(port, '/');
  // The S3 server and the filer behind it, each by its own name of the same object.
  for (const [port, bucket] of [
    [seaweed.s3, '/shotline'],
    [seaweed.filer, '/buckets/shotline'],
  ] as const) {
    await send(port, `${bucket}/?limit=9&list-type=2`, { headers: { accept: 'application/json' } });
    await send(port, `${bucket}/${film}`);
    await send(port, `${bucket}/${film}`, { method: 'PUT', body: 'owned' });
    await send(port, `${bucket}/${film}`, blind('POST', 'owned'));
    await send(port, `${bucket}/${film}`, { method: 'DELETE' });
    await send(port, `${bucket}?recursive=true`, { method: 'DELETE' });
  }
  // As an <img> can: a GET that deletes.
  for (const path of ['/col/delete?collection=shotline', '/dir/assign', '/dir/status', '/vol/vacuum']) {
    await send(seaweed.master, path);
    await send(seaweed.master, path, { mode: 'no-cors' });
  }
  for (const path of ['/status', '/1,01637037d6']) await send(seaweed.volume, path);
  await send(seaweed.volume, '/1,01637037d6', blind('POST', 'owned'));
  const start = JSON.stringify({ workflowType: { name: 'storyWorkflow' }, taskQueue: { name: 'nobody' }, input: [] });
  for (const port of [temporal.http, temporal.ui]) {
    const workflows = '/api/v1/namespaces/default/workflows';
    await send(port, workflows);
    await send(port, `${workflows}/${workflow}?x`, blind('POST', start));
    await send(port, `${workflows}/${workflow}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': 'guess' },
      body: start,
    });
  }
  await send(temporal.metrics, '/metrics');
  return attempts;
}
