import type { FastifyInstance } from 'fastify';
import type { Door } from '../door.ts';
import type { ProblemAnswer } from '../answers.ts';

/** What a request of this process to its own interface is answered. */
export interface OwnAnswer {
  readonly status: number;
  readonly type: string;
  readonly location: string | null;
  readonly bytes: Buffer;
}

/** An answer that says what went wrong. */
export class AnsweredProblem extends Error {
  /** @param problem What the interface said. */
  constructor(problem: Pick<ProblemAnswer, 'code' | 'detail' | 'next' | 'problems'>) {
    const { code, detail, next, problems } = problem;
    const places = problems.map(({ line, message }) => `${line === null ? '' : `line ${String(line)}: `}${message}`);
    const told = places.length > 0 && !detail.includes(places[0] ?? '') ? [detail, ...places] : [detail];
    super(
      [`${code}: ${told.join('\n')}`, ...(next === null || detail.includes(next) ? [] : [`Next: ${next}`])].join('\n'),
    );
    this.name = 'AnsweredProblem';
  }
}

/**
 * Asks the HTTP interface from within its process: what a tool does is what a call does, with the same checks.
 */
export class OwnRequests {
  readonly #server: FastifyInstance;
  readonly #door: Door;

  /** @param door That of the server, which lets its own requests in. */
  constructor(server: FastifyInstance, door: Door) {
    this.#server = server;
    this.#door = door;
  }

  /** The answer as values. @throws AnsweredProblem for what is no success. */
  async json<T>(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const { bytes } = await this.ask(method, path, body, headers);
    return JSON.parse(bytes.toString('utf8')) as T;
  }

  /** The answer as it is. @throws AnsweredProblem for what is no success. */
  async ask(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: object | Buffer,
    headers: Record<string, string> = {},
  ): Promise<OwnAnswer> {
    const answer = await this.#server.inject({
      method,
      url: path,
      headers: { ...this.#door.ownHeaders(), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const { statusCode: status, rawPayload: bytes } = answer;
    if (status >= 400) throw new AnsweredProblem(JSON.parse(bytes.toString('utf8')) as ProblemAnswer);
    const { location } = answer.headers;
    return {
      status,
      type: String(answer.headers['content-type'] ?? ''),
      location: typeof location === 'string' ? location : null,
      bytes,
    };
  }
}
