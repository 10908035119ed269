import type { Client } from '@temporalio/client';
import { thingOf } from '../../storage/garbage/stored-thing.ts';
import type { ListedObject, ObjectStore } from '../../storage/object-store.ts';
import { storyFolder } from '../../storage/story-folder.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { type StoryRun, forgetRuns, runsOfStory } from '../../client/story-runs.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { pinObject } from '../../storage/garbage/pin-object.ts';
import { type Roots, findRoots } from './roots.ts';
import { keysOfHistories } from './story-history.ts';

/** What a story left behind, and what of it is of others too. */
export interface Traces {
  readonly storyId: string;
  /** Its runs in Temporal, those of its shots, joins and gates included. */
  readonly runs: readonly StoryRun[];
  /** Object keys of its films' folders and of its own, with a slash at the end. */
  readonly folders: readonly string[];
  /** Objects that are its own: films, artifacts, uploads and half-made ones that nothing else names. */
  readonly own: readonly ListedObject[];
  /** Objects that it names and that stay, because something else needs them. */
  readonly shared: readonly ListedObject[];
}

/**
 * Finds all that a story left behind, from its histories and its films.
 *
 * @throws UsageError when it still runs or is pinned, AbsentError when nothing is known of it.
 */
export async function findTraces(client: Client, objects: ObjectStore, storyId: string): Promise<Traces> {
  const runs = await runsOfStory(client, storyId);
  if (runs.some(({ isRunning }) => isRunning))
    throw new UsageError(`the story '${storyId}' runs; \`shotline cancel ${storyId}\` first, then erase it`);
  const roots = await findRoots(client, objects);
  if (roots.pins.some((pin) => pin.object === pinObject(storyId)))
    throw new UsageError(`the story '${storyId}' is pinned; \`shotline gc unpin ${storyId}\` first, then erase it`);
  const films = roots.films.filter((film) => film.storyId === storyId);
  if (runs.length === 0 && films.length === 0)
    throw new AbsentError(
      `neither Temporal nor the bucket knows a story '${storyId}'; \`shotline status\` lists the stories, \`shotline gc\` finds what nobody names`,
    );
  const keys = new Set([...(await keysOfHistories(client, runs)), ...films.flatMap((film) => [...film.keys])]);
  const folders = [...films.map(({ object }) => object.slice(0, object.lastIndexOf('/') + 1)), storyFolder(storyId)];
  const others = neededByOthers(roots, storyId);
  const named = (await objects.list('')).filter(({ key }) => {
    const thing = thingOf(key);
    return thing !== null && keys.has(thing.key);
  });
  const inFolders = (await Promise.all(folders.map((folder) => objects.list(folder)))).flat();
  const isShared = ({ key }: ListedObject): boolean => others(thingOf(key)?.key ?? '');
  return {
    storyId,
    runs,
    folders,
    own: [...inFolders, ...named.filter((each) => !isShared(each))],
    shared: named.filter(isShared),
  };
}

function neededByOthers({ marks, films }: Roots, storyId: string): (key: string) => boolean {
  const foreign = films.filter((film) => film.storyId !== storyId);
  return (key) => marks.needed.has(key) || foreign.some(({ keys }) => keys.has(key));
}

/** What is still there after an erasure; nothing, when it worked. */
export interface Remains {
  readonly objects: readonly string[];
  readonly runs: readonly string[];
}

const width = 16;

/** Deletes what is a story's own, then its histories, and looks again: gives what is left. Safe to repeat. */
export async function eraseStory(
  client: Client,
  objects: ObjectStore,
  namespace: string,
  traces: Traces,
): Promise<Remains> {
  const open = [...traces.own];
  const remove = async (): Promise<void> => {
    for (let each = open.pop(); each !== undefined; each = open.pop()) await objects.delete(each.key, each.etag);
  };
  await Promise.all(Array.from({ length: Math.min(width, open.length) }, remove));
  // Last, for the histories say what there is to delete.
  const runs = await forgetRuns(client, namespace, traces.storyId, traces.runs);
  const gone = new Set(traces.own.map(({ key }) => key));
  const left = (await objects.list('')).filter(
    ({ key }) => gone.has(key) || traces.folders.some((folder) => key.startsWith(folder)),
  );
  return { objects: left.map(({ key }) => key), runs: runs.map(({ workflowId }) => workflowId) };
}
