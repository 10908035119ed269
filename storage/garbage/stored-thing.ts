import { stageNames } from '../../story/plan/stages.ts';
import type { StageName } from '../../story/plan/task.ts';

/** What may be deleted and made again: artifacts by their stage, what people uploaded, half-made artifacts, and the posters that a server drew of artifacts. */
export type ThingKind = StageName | 'upload' | 'checkpoint' | 'poster';

/** How dear it is to have a thing back: hours of a GPU, seconds of a processor, or somebody's file. */
export type Dearness = 'cheap' | 'dear' | 'irreplaceable';

const dearness: Readonly<Record<ThingKind, Dearness>> = {
  upload: 'irreplaceable',
  base: 'dear',
  completion: 'dear',
  transition: 'dear',
  interp: 'dear',
  enhance: 'dear',
  segment: 'dear',
  encode: 'cheap',
  mix: 'cheap',
  rendition: 'dear',
  checkpoint: 'cheap',
  picture: 'cheap',
  decode: 'cheap',
  dissolve: 'cheap',
  burn: 'cheap',
  card: 'cheap',
  speech: 'cheap',
  sound: 'cheap',
  film: 'cheap',
  preview: 'cheap',
  measure: 'cheap',
  poster: 'cheap',
};

/** How dear a kind of thing is. */
export function dearnessOf(kind: ThingKind): Dearness {
  return dearness[kind];
}

/** Stages whose artifacts are frames as they are, hundreds of megabytes for a shot of a large model; a finished film needs none of them. */
export const rawFrameStages: ReadonlySet<ThingKind> = new Set<ThingKind>(['interp', 'decode', 'dissolve', 'enhance']);

const kinds: ReadonlySet<string> = new Set([...stageNames, 'upload']);

/** The thing behind an object key; `null` for what gc leaves alone: films, packages, campaigns, pins, and names that no code of ours writes. */
export function thingOf(objectKey: string): { readonly kind: ThingKind; readonly key: string } | null {
  const [, kind = '', key = ''] = /^artifacts\/([a-z]+)\/([0-9a-f]{64})\.[a-z0-9]+$/.exec(objectKey) ?? [];
  if (kinds.has(kind)) return { kind: kind as ThingKind, key };
  const [, checkpointed] = /^scratch\/checkpoints\/([0-9a-f]{64})\/[^/]+$/.exec(objectKey) ?? [];
  if (checkpointed !== undefined) return { kind: 'checkpoint', key: checkpointed };
  const [, drawn] = /^previews\/v\d+\/([0-9a-f]{64})\.[a-z0-9]+$/.exec(objectKey) ?? [];
  return drawn === undefined ? null : { kind: 'poster', key: drawn };
}
