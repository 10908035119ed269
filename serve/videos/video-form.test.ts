import fastifyMultipart from '@fastify/multipart';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { FakeObjectStore } from '../../test/fakes/fake-object-store.ts';
import { pngFile } from '../../test/fakes/png.ts';
import { problemOf } from '../problem.ts';
import { formLimits, takeForm } from './video-form.ts';

const objects = new FakeObjectStore();

async function sent(form: FormData): Promise<{ status: number; body: Record<string, unknown> }> {
  const server = fastify();
  await server.register(fastifyMultipart, { limits: formLimits });
  server.setErrorHandler((error, _request, reply) => reply.status(problemOf(error).status).send(problemOf(error)));
  server.post('/', { preValidation: (request) => takeForm(request, objects) }, ({ body }) => body);
  const { headers, body } = new Request('http://a', { method: 'POST', body: form });
  const parts: Uint8Array[] = [];
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  const answer = await server.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': headers.get('content-type')! },
    payload: Buffer.concat(parts),
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return made;
}

test('a form stands for an object; names in brackets are fields of fields', async () => {
  const { body } = await sent(form({ prompt: 'a boat', 'video[id]': 'story-1', seconds: '2' }));
  expect(body).toEqual({ prompt: 'a boat', video: { id: 'story-1' }, seconds: '2' });
});

test('a picture goes to the bucket, and the object names it', async () => {
  const bytes = pngFile({ width: 8, height: 8, channels: 3 }, new Uint8Array(8 * 8 * 3));
  const { body } = await sent(
    form({ input_reference: new Blob([new Uint8Array(bytes)], { type: 'image/png' }), prompt: 'a boat' }),
  );
  expect(body).toEqual({
    prompt: 'a boat',
    input_reference: { file_id: expect.stringMatching(/^files\/[0-9a-f]{64}\.png$/) },
  });
});

test('a file that is no picture, or stands under another name, is refused', async () => {
  const text = new Blob(['text'], { type: 'image/png' });
  expect(await sent(form({ input_reference: text }))).toMatchObject({ status: 415, body: { code: 'TYPE_UNKNOWN' } });
  expect(await sent(form({ video: text }))).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});
