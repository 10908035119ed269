/**
 * Shotline as a library: submit stories, follow them, change them, fetch their films.
 *
 * @packageDocumentation
 */
import type { Servers } from './connect.ts';
import { Shotline } from './shotline.ts';
import { fetchTransport } from './transport.ts';

export type { Servers } from './connect.ts';
export { Shotline } from './shotline.ts';
export type { ScriptInput, SubmitOptions } from './shotline.ts';
export { ShotlineError } from './shotline-error.ts';
export { Story } from './story.ts';
export type { WatchOptions } from './story.ts';
export type { ApiRequest, ApiResponse, Transport } from './transport.ts';
export type {
  ChangeAnswer,
  CheckAnswer,
  ItemAnswer,
  ScriptProblemAnswer,
  StageAnswer,
  StoryAnswer,
} from '../serve/answers.ts';

/** Where a `shotline serve` is. */
export interface Server {
  /** Its address: `http://127.0.0.1:4700`. */
  readonly url: string;
  /** Its key. Secret. */
  readonly key: string;
}

/**
 * A client of a `shotline serve`. It needs neither Temporal nor a storage, and holds no connection.
 *
 * @example
 * const shotline = createClient({ url: 'http://127.0.0.1:4700', key });
 * const story = await shotline.submit({ title: 'A boat', shots: [{ id: 'boat', prompt: 'a red boat on the sea' }] });
 * await story.finished();
 * await story.download('boat.mp4');
 */
export function createClient({ url, key }: Server): Shotline {
  return new Shotline(fetchTransport(url, key));
}

/**
 * Works with Temporal and the storage themselves, without a `shotline serve` between. Close it at the end.
 *
 * @throws PipelineError `STACK_UNAVAILABLE`, `SETTING_INVALID`.
 */
export async function connect(servers: Servers): Promise<Shotline> {
  // Temporal's client and the server take half a second to load, which `createClient` need not wait for.
  const { connectServers } = await import('./connect.ts');
  return connectServers(servers);
}
