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

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
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
  const json: unknown = await answer.json();
  if (!answer.ok) throw new ApiError(json as ProblemAnswer);
  return json as Answer;
}

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
    const answer = await fetch('/v1/files', {
      method: 'POST',
      body: file,
      headers: { 'content-type': file.type === '' ? 'application/octet-stream' : file.type },
    });
    const json = (await answer.json()) as ProblemAnswer & { id: string };
    if (!answer.ok) throw new ApiError(json);
    return json.id;
  },
  events: (id: string) => new EventSource(`${storyPath(id)}/events`),
};
