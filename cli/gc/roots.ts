import type { Client } from '@temporalio/client';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Marks } from '../../storage/garbage/sweep-plan.ts';
import { pinPrefix } from '../../storage/garbage/pin-object.ts';
import { type NamingDocument, namingDocuments } from './naming-documents.ts';
import { askRunning } from './running-stories.ts';

/** All that things are needed by. */
export interface Roots {
  readonly marks: Marks;
  readonly films: readonly NamingDocument[];
  readonly pins: readonly NamingDocument[];
  readonly campaigns: readonly NamingDocument[];
  /** Ids of stories that run. */
  readonly running: readonly string[];
  readonly campaignSinceMs: number | null;
}

/** Finds what things are needed by. Stories first: one that ends meanwhile has its film by the time that films are read. */
export async function findRoots(client: Client, objects: ObjectStore, sinceMs = 0): Promise<Roots> {
  const running = await askRunning(client);
  const films = await namingDocuments(objects, 'films/', sinceMs);
  const pins = await namingDocuments(objects, pinPrefix, sinceMs);
  const campaigns = await namingDocuments(objects, 'campaigns/', sinceMs);
  return {
    marks: {
      needed: new Set([...running.keys, ...keysOf(pins), ...keysOf(campaigns)]),
      ofFilms: new Set(keysOf(films)),
    },
    films,
    pins,
    campaigns,
    running: running.stories,
    campaignSinceMs: running.campaignSinceMs,
  };
}

function* keysOf(documents: readonly NamingDocument[]): Iterable<string> {
  for (const { keys } of documents) yield* keys;
}
