import type { Client } from '@temporalio/client';
import type { ObjectStore } from '../../storage/object-store.ts';
import { type JudgedThing, type SweepPolicy, isGoing, judgeThings } from '../../storage/garbage/sweep-plan.ts';
import { type Roots, findRoots } from './roots.ts';

/** A bucket looked through. */
export interface Survey {
  readonly roots: Roots;
  readonly things: readonly JudgedThing[];
  /** Bytes of what gc leaves alone, by the first folder: `films`, `packages`, `campaigns`. */
  readonly others: ReadonlyMap<string, number>;
  /** When it began, Unix milliseconds. */
  readonly beganMs: number;
}

/** Looks through the bucket and judges each thing. Deletes nothing. */
export async function survey(client: Client, objects: ObjectStore, policy: SweepPolicy): Promise<Survey> {
  const beganMs = Date.now();
  // Listed first: what is written from now on is not in the list, and what is named from now on is in the roots.
  const listed = await objects.list('');
  const roots = await findRoots(client, objects);
  const things = judgeThings(
    listed,
    roots.marks,
    { ...policy, notSinceMs: roots.campaignSinceMs ?? policy.notSinceMs },
    beganMs,
  );
  const judged = new Set(things.map(({ object }) => object.key));
  const others = new Map<string, number>();
  for (const { key, bytes } of listed) {
    if (judged.has(key)) continue;
    const [folder = ''] = key.split('/');
    others.set(folder, (others.get(folder) ?? 0) + bytes);
  }
  return { roots, things, others, beganMs };
}

/** What a sweep came to. */
export interface Swept {
  readonly deleted: readonly JudgedThing[];
  /** Somebody began to need these while things were being deleted. */
  readonly spared: readonly JudgedThing[];
}

/** Deleted between two looks at what runs: a second or two of work. */
const batch = 500;
const width = 16;
/** Clocks of the bucket and of this machine may differ. */
const clockSlackMs = 5 * 60_000;

/**
 * Deletes what a survey found to go, and before each batch asks again what runs and which films have come: a story that began
 * meanwhile keeps what it names. Only the very content that was listed is deleted. What a story finds at the very moment in
 * which it goes is made again, as any lost artifact.
 */
export async function sweep(
  client: Client,
  objects: ObjectStore,
  { things, beganMs }: Survey,
  say: (done: number, of: number) => void,
): Promise<Swept> {
  const going = things.filter(isGoing);
  const deleted: JudgedThing[] = [];
  const spared: JudgedThing[] = [];
  for (let from = 0; from < going.length; from += batch) {
    const { marks } = await findRoots(client, objects, beganMs - clockSlackMs);
    const now = going.slice(from, from + batch);
    // Raw frames go although films name them.
    const isWanted = ({ key, fate }: JudgedThing): boolean =>
      marks.needed.has(key) || (fate === 'unnamed' && marks.ofFilms.has(key));
    const open = now.filter((thing) => !isWanted(thing));
    spared.push(...now.filter(isWanted));
    const remove = async (): Promise<void> => {
      for (let thing = open.pop(); thing !== undefined; thing = open.pop()) {
        await objects.delete(thing.object.key, thing.object.etag);
        deleted.push(thing);
      }
    };
    await Promise.all(Array.from({ length: Math.min(width, open.length) }, remove));
    say(Math.min(going.length, from + batch), going.length);
  }
  return { deleted, spared };
}
