import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyInstance } from 'fastify';
import { loadSetWords } from '../../client/set-words.ts';
import { scriptJsonSchema } from '../../story/script/script-schema.ts';
import type { ServerSettings } from '../server-parts.ts';
import { AnsweredProblem, OwnRequests } from './own-requests.ts';
import { tools } from './tools.ts';
import type { Tool, ToolResult } from './tools.ts';

/** What an agent should know before it begins. */
const instructions = [
  'Shotline makes films from story scripts: YAML with a title and shots, each with an id and a prompt.',
  'Read shotline://script/reference for the keys and shotline://words/pocket for what the pocket models can draw;',
  'validate_story says which sentences they follow better. Then render_story, story_status until it is done, and film_url.',
  'Look at shots with show_shot, and change single ones with edit_shot or reroll_shot.',
].join(' ');

/**
 * A server of the Model Context Protocol over the HTTP interface of this process: every tool is a call of it. It speaks through
 * whatever transport it is connected to.
 * @param http The server of the interface; it need not listen.
 */
export function createMcpServer(http: FastifyInstance, settings: ServerSettings): McpServer {
  const { root, modelsDir, version, door } = settings;
  const ask = new OwnRequests(http, door);
  const server = new McpServer({ name: 'shotline', title: 'Shotline', version }, { instructions });
  for (const each of tools) register(server, each, ask);
  const yaml = 'text/markdown';
  server.registerResource(
    'script reference',
    'shotline://script/reference',
    { title: 'Every key of a story script', mimeType: yaml },
    async ({ href }) => ({
      contents: [{ uri: href, mimeType: yaml, text: await readFile(join(root, 'docs', 'script.md'), 'utf8') }],
    }),
  );
  server.registerResource(
    'script schema',
    'shotline://script/schema',
    { title: 'JSON Schema of a story script', mimeType: 'application/schema+json' },
    ({ href }) => ({
      contents: [{ uri: href, mimeType: 'application/schema+json', text: JSON.stringify(scriptJsonSchema()) }],
    }),
  );
  server.registerResource(
    'words',
    new ResourceTemplate('shotline://words/{set}', { list: undefined }),
    { title: 'Words that a model set learned', mimeType: 'application/json' },
    async ({ href }, { set }) => {
      const words = await loadSetWords(modelsDir, String(set));
      return {
        contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify(words?.vocabulary ?? null) }],
      };
    },
  );
  return server;
}

function register(server: McpServer, each: Tool, ask: OwnRequests): void {
  const { name, title, description, input, readOnly, idempotent, call } = each;
  server.registerTool(
    name,
    {
      title,
      description,
      inputSchema: input,
      annotations: {
        readOnlyHint: readOnly,
        idempotentHint: idempotent,
        destructiveHint: name === 'cancel_story',
        openWorldHint: false,
      },
    },
    async (given): Promise<CallToolResult> => {
      try {
        return contentOf(await call(ask, given as never));
      } catch (error) {
        if (!(error instanceof AnsweredProblem)) throw error;
        return { isError: true, content: [{ type: 'text', text: error.message }] };
      }
    },
  );
}

function contentOf(result: ToolResult): CallToolResult {
  if ('values' in result)
    return {
      content: [{ type: 'text', text: JSON.stringify(result.values, null, 1) }],
      structuredContent: { ...result.values },
    };
  const { picture, type, said } = result;
  return {
    content: [
      { type: 'text', text: said },
      { type: 'image', data: picture.toString('base64'), mimeType: type },
    ],
  };
}
