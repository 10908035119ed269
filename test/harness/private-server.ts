import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import type { PrivateStack } from './private-stack.ts';

/** `shotline serve` on a private stack, for one test file. */
export class PrivateServer {
  readonly url: string;
  /** Lets one browser in, once. */
  readonly link: string;
  readonly key: string;
  /** Process of the server. */
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    said: { readonly url: string; readonly link: string; readonly key: string },
  ) {
    this.#child = child;
    this.pid = child.pid!;
    this.url = said.url;
    this.link = said.link;
    this.key = said.key;
  }

  /** Starts it, and the stack if that does not run. @throws Error with what it said when it ends instead. */
  static async start(stack: PrivateStack): Promise<PrivateServer> {
    const child = stack.start('serve', '--json', '--port', String(await freePort()));
    const errors: string[] = [];
    child.stderr!.on('data', (part: Buffer) => errors.push(part.toString()));
    const [line] = (await Promise.race([
      once(child.stdout!, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error(`serve ended: ${errors.join('')}`))),
    ])) as [Buffer];
    return new PrivateServer(child, JSON.parse(line.toString()) as { url: string; link: string; key: string });
  }

  /** Asks it with the key; a text is a script. */
  call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/yaml' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Its answer, as plain values. */
  async json<T>(method: string, path: string, body?: string): Promise<T> {
    return (await (await this.call(method, path, body)).json()) as T;
  }

  /** Ends it, as Ctrl-C does. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
