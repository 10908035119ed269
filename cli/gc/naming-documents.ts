import { text } from 'node:stream/consumers';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { namedKeys } from '../../storage/garbage/named-keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { StoryRecipe } from '../../workflows/contracts.ts';
import { keysOfRecipe } from './story-keys.ts';
import type { pinPrefix } from '../../storage/garbage/pin-object.ts';

/** A document in the bucket that names keys: the manifest of a film, a pin, the record of a campaign. */
export interface NamingDocument {
  /** Object key of the document. */
  readonly object: string;
  readonly keys: ReadonlySet<string>;
  /** Workflow id of its story; `null` where it names none. */
  readonly storyId: string | null;
  readonly modifiedMs: number;
}

/** Documents read at once. */
const width = 16;

/**
 * Reads the documents under a prefix that name keys, as far as they were written since a moment.
 *
 * @throws PipelineError `STORAGE_*`; also when a listed document cannot be read: what it needs is not known then.
 */
export async function namingDocuments(
  objects: ObjectStore,
  prefix: 'films/' | 'campaigns/' | typeof pinPrefix,
  sinceMs = 0,
): Promise<readonly NamingDocument[]> {
  const open = (await objects.list(prefix)).filter(
    ({ key, modifiedMs }) => modifiedMs >= sinceMs && (prefix !== 'films/' || key.endsWith('/manifest.json')),
  );
  const documents: NamingDocument[] = [];
  const read = async (): Promise<void> => {
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      const content = await contentOf(objects, each.key);
      // Deleted since the listing: it names nothing any more.
      if (content === null) continue;
      documents.push({ object: each.key, ...namedIn(content), modifiedMs: each.modifiedMs });
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, open.length) }, read));
  return documents.sort((a, b) => (a.object < b.object ? -1 : 1));
}

async function contentOf(objects: ObjectStore, key: string): Promise<string | null> {
  const found = await objects.get(key);
  if (found === null) return null;
  try {
    return await text(found.body);
  } catch (cause) {
    throw new PipelineError(
      'STORAGE_UNAVAILABLE',
      `${key} cannot be read to its end, and what it names is not known, so nothing is deleted; look after the storage, or delete it if it is lost`,
      { details: { key }, cause },
    );
  }
}

function namedIn(content: string): Pick<NamingDocument, 'keys' | 'storyId'> {
  const keys = namedKeys(content);
  try {
    const document = JSON.parse(content) as Partial<StoryRecipe> & { readonly storyId?: unknown };
    const { storyId, script, models } = document;
    return {
      keys: script === undefined || models === undefined ? keys : new Set([...keys, ...takesOf({ script, models })]),
      storyId: typeof storyId === 'string' ? storyId : null,
    };
  } catch {
    return { keys, storyId: null };
  }
}

/** Takes that gates rejected are in no film, and whoever renders it again has them judged again. */
function takesOf(recipe: StoryRecipe): ReadonlySet<string> {
  try {
    return keysOfRecipe(recipe);
  } catch {
    // Of a release that wrote scripts otherwise; what the film is made of is named all the same.
    return new Set();
  }
}
