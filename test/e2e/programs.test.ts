import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { APIError } from 'openai';
import OpenAI, { toFile } from 'openai';
import { PrivateServer } from '../harness/private-server.ts';
import { PrivateStack } from '../harness/private-stack.ts';

/** Programs of others on the real stack: the official clients of OpenAI's video interface and of the Model Context Protocol. */

const root = join(import.meta.dirname, '../..');
let stack: PrivateStack;
let server: PrivateServer;

beforeAll(async () => {
  stack = await PrivateStack.create();
  server = await PrivateServer.start(stack);
}, 300_000);

afterAll(async () => {
  await server.stop();
  await stack.destroy();
}, 120_000);

const mp4 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(4, 8)).toString();

describe('the OpenAI client', () => {
  const client = (): OpenAI => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const quick = { size: '320x180', seconds: '1', model: 'pocket' } as unknown as object;
  let first = '';

  test('makes a video, polls it, and downloads it with its pictures', async () => {
    const { videos } = client();
    const begun = await videos.create({ prompt: 'a red boat sails to the right on the sea at sunset', ...quick });
    expect(begun).toMatchObject({ object: 'video', size: '320x180', seconds: '1', model: 'pocket', error: null });
    expect(['queued', 'in_progress']).toContain(begun.status);
    const early = await videos.downloadContent(begun.id).catch((error: unknown) => error);
    expect([(early as APIError).status, (early as APIError).code]).toEqual([409, 'too_early']);
    const seen = new Set<string>();
    let video = begun;
    while (video.status === 'queued' || video.status === 'in_progress') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      video = await videos.retrieve(begun.id);
      seen.add(video.status);
    }
    expect(video).toMatchObject({ status: 'completed', progress: 100, remixed_from_video_id: null });
    const film = new Uint8Array(await (await videos.downloadContent(video.id)).arrayBuffer());
    expect(mp4(film)).toBe('ftyp');
    for (const variant of ['thumbnail', 'spritesheet'] as const) {
      const picture = new Uint8Array(await (await videos.downloadContent(video.id, { variant })).arrayBuffer());
      expect([...picture.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    }
    first = video.id;
  }, 300_000);

  test('remixes, extends and lists videos, and begins one with a picture', async () => {
    const { videos } = client();
    const remix = await videos.remix(first, { prompt: 'a blue boat sails to the right on the sea at sunset' });
    expect(remix).toMatchObject({ remixed_from_video_id: first, prompt: expect.stringContaining('blue') });
    const longer = await videos.extend({
      video: { id: first },
      prompt: 'a red boat stands still on the sea at sunset',
      seconds: '1' as never,
    });
    expect(Number(longer.seconds)).toBeCloseTo(2, 1);
    const picture = await toFile(await readFile(join(root, 'examples/pictures/boat-left.png')), 'boat.png', {
      type: 'image/png',
    });
    const animated = await videos.create({
      prompt: 'a red boat sails to the right',
      input_reference: picture,
      ...quick,
    });
    const script = await server.json<{ text: string }>('GET', `/v1/stories/${animated.id}/script`);
    expect(JSON.parse(script.text)).toMatchObject({
      shots: [{ animate: expect.stringMatching(/^files\/[0-9a-f]{64}\.png$/) }],
    });
    const busy = await videos.delete(animated.id).catch((error: unknown) => error);
    expect((busy as APIError).status).toBe(409);
    const listed: string[] = [];
    for await (const { id } of videos.list({ limit: 2 })) listed.push(id);
    expect(listed).toEqual([animated.id, longer.id, remix.id, first]);
    for (const { id } of [animated, longer, remix]) await server.call('POST', `/v1/stories/${id}/cancel`);
  }, 300_000);

  test('deletes a video: its film is gone, and nobody knows it', async () => {
    const { videos } = client();
    expect(await videos.delete(first)).toEqual({ object: 'video.deleted', id: first, deleted: true });
    for (const gone of [videos.retrieve(first), videos.downloadContent(first), videos.delete(first)])
      expect(((await gone.catch((error: unknown) => error)) as APIError).status).toBe(404);
  }, 120_000);

  test('is told what is wrong in the classes that it has', async () => {
    const wrong = async (body: object): Promise<unknown[]> => {
      const error = (await client()
        .videos.create(body as never)
        .catch((fault: unknown) => fault)) as APIError;
      return [error.status, error.code];
    };
    expect(await wrong({ prompt: '' })).toEqual([400, 'script_invalid']);
    expect(await wrong({ prompt: 'a red boat', size: '641x1' })).toEqual([400, 'script_invalid']);
    expect(await wrong({ prompt: 'a red boat', model: 'sora-2' })).toEqual([400, 'model_unknown']);
    expect(await wrong({ prompt: 'a red boat', seconds: 'long' })).toEqual([400, 'request_invalid']);
    expect(await wrong({ prompt: 'a red boat', input_reference: await toFile(Buffer.from('text'), 'a.png') })).toEqual([
      415,
      'type_unknown',
    ]);
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    expect(((await stranger.videos.list().catch((error: unknown) => error)) as APIError).status).toBe(401);
  }, 60_000);
});

describe('an agent', () => {
  const script = [
    'title: By an agent',
    'output: { width: 320, height: 180 }',
    'defaults: { quality: draft, seed: 5 }',
    'shots:',
    '  - { id: dawn, seconds: 1, prompt: a red boat sails to the right on the sea at sunset }',
    '',
  ].join('\n');
  const agent = new Client({ name: 'test', version: '1' });
  const call = async (name: string, args: object): Promise<CallToolResult> =>
    (await agent.callTool({ name, arguments: { ...args } })) as CallToolResult;
  const values = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const { structuredContent, content } = await call(name, args);
    if (structuredContent === undefined) throw new Error(JSON.stringify(content));
    return structuredContent;
  };
  let id = '';

  beforeAll(async () => {
    const [node, cli] = [process.execPath, join(root, 'cli/shotline.mjs')];
    await agent.connect(
      new StdioClientTransport({ command: node, args: [cli, 'mcp'], env: { ...stack.env }, cwd: root }),
    );
  }, 120_000);
  afterAll(() => agent.close());

  test('is told how to begin, and finds what a script may say', async () => {
    expect(agent.getInstructions()).toContain('validate_story');
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['render_story', 'show_shot', 'film_url']));
    const reference = await agent.readResource({ uri: 'shotline://script/reference' });
    expect(JSON.stringify(reference.contents)).toContain('output.fps');
    const words = await agent.readResource({ uri: 'shotline://words/pocket' });
    expect(JSON.stringify(words.contents)).toContain('boat');
  }, 60_000);

  test('mends a script by what it is told', async () => {
    const checked = await values('validate_story', { script: script.replace('prompt:', 'promt:') });
    expect(checked).toMatchObject({ valid: false });
    expect(JSON.stringify(checked['problems'])).toContain('did you mean prompt');
    expect(await values('validate_story', { script })).toMatchObject({ valid: true });
    expect(await values('plan_story', { script })).toMatchObject({ frames: 24 });
    const refused = await call('render_story', { script: 'title: A\n' });
    expect([refused.isError, JSON.stringify(refused.content)]).toEqual([
      true,
      expect.stringContaining('SCRIPT_INVALID'),
    ]);
  }, 60_000);

  test('makes a film, looks at a shot, and gets the address of the film', async () => {
    const story = await values('render_story', { script });
    id = String(story['id']);
    let state = story['state'];
    while (state !== 'done') {
      const now = await values('story_status', { id, wait_seconds: 60 });
      expect(['running', 'stitching', 'done']).toContain(now['state']);
      state = now['state'];
    }
    const { content } = await call('show_shot', { id, item: 'shot dawn' });
    expect(content[1]).toMatchObject({ type: 'image', mimeType: 'image/jpeg' });
    const { url } = await values('film_url', { id });
    expect(mp4(new Uint8Array(await (await fetch(String(url))).arrayBuffer()))).toBe('ftyp');
    const change = await values('edit_shot', { id, shot: 'dawn', prompt: 'a blue boat sails to the right on the sea' });
    expect(change['story_id']).not.toBe(id);
    await call('cancel_story', { id: String(change['story_id']) });
  }, 300_000);

  test('finds the same stories over HTTP, with the key and not without', async () => {
    const far = new Client({ name: 'far', version: '1' });
    const address = new URL(`${server.url}/mcp`);
    const headers = { authorization: `Bearer ${server.key}` };
    await far.connect(new StreamableHTTPClientTransport(address, { requestInit: { headers } }));
    const { structuredContent } = await far.callTool({ name: 'list_stories', arguments: {} });
    expect(JSON.stringify(structuredContent)).toContain(id);
    await far.close();
    const stranger = new Client({ name: 'stranger', version: '1' });
    await expect(stranger.connect(new StreamableHTTPClientTransport(address) as never)).rejects.toThrow(/401|key/);
  }, 60_000);
});
