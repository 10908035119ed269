import type {
  ChangeAnswer,
  CheckAnswer,
  ProblemAnswer,
  ScriptProblemAnswer,
  StoryAnswer,
  StoryListAnswer,
} from '../serve/answers.ts';

/** A request that failed, in the words of the server. */
export class ApiError extends Error {
  readonly code: string;
  readonly next: string | null;
  readonly problems: readonly ScriptProblemAnswer[];

  constructor({ detail, code, next, problems }: Pick<ProblemAnswer, 'detail' | 'code' | 'next' | 'problems'>) {
    super(detail);
    this.code = code;
    this.next = next;
    this.problems = problems;
  }
}

/** What was thrown, as an error of the interface: whatever a page did not foresee is told as well. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError({ detail, code: 'PAGE_FAILED', next: 'load the page again', problems: [] });
}

/** Asks with a text or a file as the body. @throws ApiError, and nothing else. */
async function ask<Answer>(method: string, path: string, type?: string, body?: BodyInit): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': type ?? 'application/octet-stream' } }),
    });
  } catch {
    throw new ApiError({
      detail: 'the server does not answer',
      code: 'SERVER_SILENT',
      next: 'look whether `shotline serve` still runs',
      problems: [],
    });
  }
  if (answer.status === 401) location.assign('/open');
  const json: unknown = await answer.json().catch(() => null);
  if (answer.ok && json !== null) return json as Answer;
  if (isProblem(json)) throw new ApiError(json);
  throw new ApiError({
    detail: `something between this page and its server answered with status ${String(answer.status)}`,
    code: 'ANSWER_FOREIGN',
    next: 'look at proxies on the way, then load the page again',
    problems: [],
  });
}

const isProblem = (json: unknown): json is ProblemAnswer =>
  typeof json === 'object' && json !== null && 'detail' in json && 'problems' in json;

const call = <Answer>(method: string, path: string, body?: unknown): Promise<Answer> =>
  body === undefined ? ask(method, path) : ask(method, path, 'application/json', JSON.stringify(body));

const storyPath = (id: string): string => `/v1/stories/${encodeURIComponent(id)}`;

/** The server's interface, as far as the page uses it. */
export const api = {
  stories: (after?: string) =>
    call<StoryListAnswer>(
      'GET',
      `/v1/stories?limit=48${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
    ),
  script: (id: string) => call<{ text: string | null; script: unknown }>('GET', `${storyPath(id)}/script`),
  check: (script: string) => call<CheckAnswer>('POST', '/v1/scripts/validate', { script }),
  submit: (script: string) => call<StoryAnswer>('POST', '/v1/stories', { script }),
  steer: (id: string, verb: 'pause' | 'resume' | 'cancel') => call<StoryAnswer>('POST', `${storyPath(id)}/${verb}`),
  reword: (id: string, shot: string, prompt: string) =>
    call<ChangeAnswer>('PATCH', `${storyPath(id)}/shots/${encodeURIComponent(shot)}`, { prompt }),
  reroll: (id: string, shot: string) =>
    call<ChangeAnswer>('POST', `${storyPath(id)}/shots/${encodeURIComponent(shot)}/reroll`, {}),
  upload: async (file: File): Promise<string> => {
    const type = file.type === '' ? 'application/octet-stream' : file.type;
    return (await ask<{ readonly id: string }>('POST', '/v1/files', type, file)).id;
  },
  events: (id: string) => new EventSource(`${storyPath(id)}/events`),
};
