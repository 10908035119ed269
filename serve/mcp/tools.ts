import { z } from 'zod';
import type { ChangeAnswer, CheckAnswer, StoryAnswer, StoryListAnswer } from '../answers.ts';
import { briefOf } from './story-brief.ts';
import type { OwnRequests } from './own-requests.ts';

/** What a tool gives: values, or a picture. */
export type ToolResult =
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly picture: Buffer; readonly type: string; readonly said: string };

/** A tool of the MCP server: a call or two of the HTTP interface. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  /** Whether it only looks. */
  readonly readOnly: boolean;
  /** Whether to call it again changes nothing more. */
  readonly idempotent: boolean;
  /** Does it. @throws AnsweredProblem. */
  readonly call: (ask: OwnRequests, input: never) => Promise<ToolResult>;
}

function tool<Input extends z.ZodObject>(
  name: string,
  title: string,
  description: string,
  input: Input,
  call: (ask: OwnRequests, input: z.infer<Input>) => Promise<ToolResult>,
  kind: { readonly readOnly?: boolean; readonly idempotent?: boolean } = {},
): Tool {
  const { readOnly = false, idempotent = readOnly } = kind;
  return { name, title, description, input, readOnly, idempotent, call };
}

const script = z.object({
  script: z
    .string()
    .describe('The story script, YAML or JSON. The resource shotline://script/reference describes every key.'),
});
const story = z.object({ id: z.string().min(1).describe('Id of the story.') });
const shot = story.extend({ shot: z.string().min(1).describe('Id of the shot, as in the script.') });
const looks = { readOnly: true };

const at = (id: string, rest = ''): string => `/v1/stories/${encodeURIComponent(id)}${rest}`;
const brief = async (answer: Promise<StoryAnswer>): Promise<ToolResult> => ({ values: briefOf(await answer) });

/** Every tool. Names are a verb and what it is done to. */
export const tools: readonly Tool[] = [
  tool(
    'validate_story',
    'Check a script',
    'Checks a story script: every problem and warning with its line, and sentences that the models follow better. Starts nothing.',
    script,
    async (ask, input) => ({ values: await ask.json<CheckAnswer>('POST', '/v1/scripts/validate', input) }),
    looks,
  ),
  tool(
    'plan_story',
    'Plan a script',
    'Says what a render of the script would do: frames, seconds, tasks of each shot and join, what is made already, and about how long it takes. Starts nothing.',
    script,
    async (ask, input) => ({ values: await ask.json('POST', '/v1/scripts/plan', input) }),
    looks,
  ),
  tool(
    'render_story',
    'Make a film',
    'Starts the film of a script and returns at once with the id of its story. The same script finds its story again. Follow it with story_status.',
    script,
    (ask, input) => brief(ask.json<StoryAnswer>('POST', '/v1/stories', input)),
    { idempotent: true },
  ),
  tool(
    'story_status',
    'How a story is',
    'State, progress, time left, and every shot and join with its words and seed. Waits up to `wait_seconds` for the end.',
    story.extend({ wait_seconds: z.number().int().min(0).max(60).default(0).describe('0 answers at once.') }),
    (ask, { id, wait_seconds: seconds }) =>
      brief(
        ask.json<StoryAnswer>('GET', at(id), undefined, seconds === 0 ? {} : { prefer: `wait=${String(seconds)}` }),
      ),
    looks,
  ),
  tool(
    'list_stories',
    'List stories',
    'The latest stories, with their ids, titles and states.',
    z.object({ limit: z.number().int().min(1).max(100).default(20) }),
    async (ask, { limit }) => {
      const { data } = await ask.json<StoryListAnswer>('GET', `/v1/stories?limit=${String(limit)}`);
      return {
        values: { stories: data.map(({ id, title, state, created_at: created }) => ({ id, title, state, created })) },
      };
    },
    looks,
  ),
  tool(
    'show_shot',
    'Look at a shot',
    'A picture of a shot or join, as soon as it has frames: long before the film is there.',
    story.extend({ item: z.string().min(1).describe('As story_status names it: `shot dawn`, `join dawn+storm`.') }),
    async (ask, { id, item }) => {
      const { bytes, type } = await ask.ask('GET', at(id, `/items/${encodeURIComponent(item)}/poster`));
      return { picture: bytes, type, said: item };
    },
    looks,
  ),
  tool(
    'edit_shot',
    'Give a shot other words',
    'Changes the prompt of a shot: it and its joins are made again, all else stays. A story that is over stays as it is, and a new one begins, whose id is in the answer.',
    shot.extend({ prompt: z.string().min(1).describe('The new words.') }),
    async (ask, { id, shot: name, prompt }) => ({
      values: await ask.json<ChangeAnswer>('PATCH', at(id, `/shots/${encodeURIComponent(name)}`), { prompt }),
    }),
    { idempotent: true },
  ),
  tool(
    'reroll_shot',
    'Another take of a shot',
    'Makes a shot again with another seed, and its joins. A story that is over stays as it is, and a new one begins, whose id is in the answer.',
    shot.extend({ seed: z.number().int().min(0).optional().describe('Without it, one by chance.') }),
    async (ask, { id, shot: name, ...body }) => ({
      values: await ask.json<ChangeAnswer>('POST', at(id, `/shots/${encodeURIComponent(name)}/reroll`), body),
    }),
  ),
  ...(['pause', 'resume', 'cancel'] as const).map((verb) =>
    tool(
      `${verb}_story`,
      { pause: 'Pause a story', resume: 'Go on with a story', cancel: 'Stop a story' }[verb],
      {
        pause: 'Stops its work at a checkpoint; resume_story goes on.',
        resume: 'Goes on where pause_story stopped its work.',
        cancel: 'Ends it. What is made stays, and the same script goes on from there.',
      }[verb],
      story,
      (ask, { id }) => brief(ask.json<StoryAnswer>('POST', at(id, `/${verb}`))),
      { idempotent: true },
    ),
  ),
  tool(
    'film_url',
    'Where the film is',
    'Signed addresses of the finished film, its poster and its storyboard, that work for an hour.',
    story,
    async (ask, { id }) => {
      const [url, poster, storyboard] = await Promise.all(
        ['/film', '/film/poster', '/film/storyboard'].map(
          async (rest) => (await ask.ask('GET', at(id, rest))).location,
        ),
      );
      return { values: { url, poster, storyboard } };
    },
    looks,
  ),
  tool(
    'upload_file',
    'Send a picture or sound',
    'Sends a file that a script refers to, and returns the name that the script uses for it.',
    z.object({
      data: z.base64().describe('The file.'),
      type: z.string().default('application/octet-stream').describe('Of a sound: `audio/wav`, `audio/mpeg`, …'),
    }),
    async (ask, { data, type }) => {
      const answer = await ask.ask('POST', '/v1/files', Buffer.from(data, 'base64'), { 'content-type': type });
      return { values: JSON.parse(answer.bytes.toString('utf8')) as Record<string, unknown> };
    },
    { idempotent: true },
  ),
];
