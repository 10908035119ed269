import type { ProblemAnswer } from '../serve/answers.ts';
import { foreignAnswer, ShotlineError } from './shotline-error.ts';
import { bytesOf } from './transport.ts';
import type { ApiRequest, ApiResponse, Transport } from './transport.ts';

/** Calls of the interface: answers as values, problems as errors. */
export class Calls {
  readonly #transport: Transport;

  /** @param transport How the interface is reached. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The answer as values. @throws ShotlineError. */
  async json<T>(
    method: ApiRequest['method'],
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const { status, body: answered } = await this.ask({ method, path, headers: { ...type, ...headers }, ...sent });
    const text = Buffer.from(await bytesOf(answered)).toString('utf8');
    try {
      return JSON.parse(text) as T;
    } catch {
      throw foreignAnswer(status, text);
    }
  }

  /** The answer as it is. @throws ShotlineError for what is no success and no redirect. */
  async ask(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#transport.send(request);
    if (response.status < 400) return response;
    const text = Buffer.from(await bytesOf(response.body)).toString('utf8');
    throw problemIn(response.status, text);
  }

  /** Lets go of the way to the interface. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}

function problemIn(status: number, text: string): ShotlineError {
  try {
    const problem = JSON.parse(text) as Partial<ProblemAnswer>;
    if (typeof problem.code === 'string' && typeof problem.detail === 'string')
      return new ShotlineError(problem as ProblemAnswer);
  } catch {
    // Not JSON: told below.
  }
  return foreignAnswer(status, text);
}
