import type { ListedObject } from '../object-store.ts';
import { type Dearness, type ThingKind, dearnessOf, rawFrameStages, thingOf } from './stored-thing.ts';

/** What is needed, and by whom. Keys are of artifacts and uploads. */
export interface Marks {
  /** Of stories that run, of pins and of campaigns: nothing of it goes. */
  readonly needed: ReadonlySet<string>;
  /** Of published films: nothing of it goes, but for raw frames when the policy says so. */
  readonly ofFilms: ReadonlySet<string>;
}

/** When what may go. Milliseconds. */
export interface SweepPolicy {
  /** How long a thing that nobody names stays, by how dear it is. */
  readonly unnamedMs: Readonly<Record<Dearness, number>>;
  /** How long raw frames stay that only published films name; `null` keeps them. */
  readonly framesMs: number | null;
  /** Nothing younger than this moment goes, whatever else holds; `null` when nothing says so. */
  readonly notSinceMs: number | null;
}

const dayMs = 86_400_000;

/** A day for what is made again in seconds, a week for work of GPUs, a month for what only its owner has. */
export const usualPolicy: SweepPolicy = {
  unnamedMs: { cheap: dayMs, dear: 7 * dayMs, irreplaceable: 30 * dayMs },
  framesMs: null,
  notSinceMs: null,
};

/** Why a thing stays or goes: `needed` and `young` stay; `unnamed` and `frames` go. */
export type Fate = 'needed' | 'young' | 'unnamed' | 'frames';

/** A thing in the bucket and what becomes of it. */
export interface JudgedThing {
  readonly object: ListedObject;
  readonly kind: ThingKind;
  readonly key: string;
  readonly fate: Fate;
}

/** What becomes of each thing in a listing; objects that gc leaves alone are not among them. Pure. */
export function judgeThings(
  objects: readonly ListedObject[],
  marks: Marks,
  policy: SweepPolicy,
  nowMs: number,
): readonly JudgedThing[] {
  return objects.flatMap((object) => {
    const thing = thingOf(object.key);
    return thing === null ? [] : [{ object, ...thing, fate: fateOf(object, thing, { marks, policy, nowMs }) }];
  });
}

function fateOf(
  { modifiedMs }: ListedObject,
  { kind, key }: { readonly kind: ThingKind; readonly key: string },
  { marks, policy, nowMs }: { readonly marks: Marks; readonly policy: SweepPolicy; readonly nowMs: number },
): Fate {
  if (marks.needed.has(key)) return 'needed';
  const isOlder = (limitMs: number): boolean =>
    nowMs - modifiedMs > limitMs && (policy.notSinceMs === null || modifiedMs < policy.notSinceMs);
  // A checkpoint is of a task under way; of a film that is there it is what a kill left behind.
  if (marks.ofFilms.has(key) && kind !== 'checkpoint') {
    const goes = policy.framesMs !== null && rawFrameStages.has(kind) && isOlder(policy.framesMs);
    return goes ? 'frames' : 'needed';
  }
  return isOlder(policy.unnamedMs[dearnessOf(kind)]) ? 'unnamed' : 'young';
}

/** One kind of thing in numbers; bytes. */
export interface SweepRow {
  readonly kind: ThingKind;
  readonly objects: number;
  readonly bytes: number;
  readonly needed: number;
  readonly young: number;
  readonly goingObjects: number;
  readonly going: number;
}

/** Whether a thing goes. */
export const isGoing = ({ fate }: Pick<JudgedThing, 'fate'>): boolean => fate === 'unnamed' || fate === 'frames';

/** The numbers by kind, the largest first. */
export function sweepRows(things: readonly JudgedThing[]): readonly SweepRow[] {
  const rows = new Map<ThingKind, SweepRow>();
  for (const thing of things) {
    const { kind, fate, object } = thing;
    const row = rows.get(kind) ?? { kind, objects: 0, bytes: 0, needed: 0, young: 0, goingObjects: 0, going: 0 };
    const goes = isGoing(thing);
    rows.set(kind, {
      kind,
      objects: row.objects + 1,
      bytes: row.bytes + object.bytes,
      needed: row.needed + (fate === 'needed' ? object.bytes : 0),
      young: row.young + (fate === 'young' ? object.bytes : 0),
      goingObjects: row.goingObjects + (goes ? 1 : 0),
      going: row.going + (goes ? object.bytes : 0),
    });
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes);
}
