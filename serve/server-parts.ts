import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { StoryServers } from '../client/submit-prepared.ts';
import type { TemporalConfig } from '../client/temporal-config.ts';
import type { Environment } from '../storage/config.ts';
import type { FilmStore } from '../storage/film-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Door } from './door.ts';
import type { Previews } from './previews.ts';
import type { StoryWatches } from './story-watches.ts';

/** What a server is told when it starts. */
export interface ServerSettings {
  /** The caller closes its connection. */
  readonly client: Client;
  readonly temporal: TemporalConfig;
  /** The environment with the address of the storage in it. Holds secrets. */
  readonly env: Environment;
  /** Folder of Shotline itself, with the sources of the page. */
  readonly root: string;
  readonly version: string;
  /** Folder with `sets/` and `packages/`. */
  readonly modelsDir: string;
  /** Hosts and buckets that scripts may name pictures of. */
  readonly pictureHosts: readonly string[];
  readonly pictureBuckets: readonly string[];
  readonly door: Door;
  readonly log: Logger;
}

/** What the routes work with. */
export interface ServerParts extends ServerSettings, StoryServers {
  readonly temporal: TemporalConfig;
  readonly objects: ObjectStore;
  readonly films: FilmStore;
  readonly watches: StoryWatches;
  readonly previews: Previews;
}
