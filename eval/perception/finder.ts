/**
 * A finder package at work: frames and names of things to boxes. A name is put into the sentence of the manifest; a patch of the
 * frame is of the name that it fits best, and counts from the certainty of the manifest on (the logistic function of its logit). Of
 * two boxes of one thing that overlap by more than `overlap` of their union the less certain one is a double.
 *
 * Thresholds of OWLv2: 0.1 is that of transformers' `post_process_object_detection`, which looks for no doubles; 0.3 for these is
 * that of its search by pictures. Without it two boxes around one thing would be two things side by side.
 */
import { float32Output } from '../../engine/graph.ts';
import { type Box, intersectionOverUnion } from '../formulas/spatial-relationship.ts';
import type { ClipView } from './clip-view.ts';
import type { OpenPerceptionModel } from './open-model.ts';
import type { Pause } from './roles.ts';
import { searchView, squareSide } from './search-view.ts';

/** Names that are looked for together. */
export interface Search {
  readonly names: readonly string[];
  /** Whether a thing has only one of the names, such as one of several colours: then boxes of two names may be doubles, too. */
  readonly exclusive?: boolean;
}

/** Something that was found in a frame. */
export interface FoundObject {
  readonly name: string;
  /** 0 … 1. */
  readonly certainty: number;
  /** Pixels of the frame; parts may lie outside. */
  readonly box: Box;
}

/** A model that finds what words name. */
export interface Finder {
  readonly model: string;
  /**
   * Looks at some frames, at each once for all searches.
   *
   * @returns By search, by frame, what was found, the most certain first.
   */
  find(
    clip: ClipView,
    which: readonly number[],
    searches: readonly Search[],
    pause: Pause,
  ): Promise<readonly (readonly (readonly FoundObject[])[])[]>;
}

/** Numbers of a box in front of the logits of a patch: centre, width and height in shares of the square. */
const boxNumbers = 4;

/** Gives a finder its eyes. */
export function openFinder({ manifest, graph, read }: OpenPerceptionModel<'finder'>): Finder {
  const { view, find, name, version } = manifest;
  return {
    model: manifest.model ?? `${name} ${version}`,
    async find({ frames }, which, searches, pause) {
      if (read === undefined) throw new Error(`finder ${name} reads no words`);
      const names = [...new Set(searches.flatMap((search) => search.names))];
      const features: Float32Array[] = [];
      for (const each of names) features.push(await read(find.prompt.replace('{}', () => each)));
      const words = {
        type: 'float32' as const,
        shape: [names.length, features[0]?.length ?? 0],
        data: Float32Array.from(features.flatMap((feature) => [...feature])),
      };
      const made = new Map<number, readonly (readonly FoundObject[])[]>();
      for (const frame of new Set(which)) {
        const outputs = await graph.run({ frames: searchView(frames, frame, view), words });
        const patches = patchesOf(float32Output(outputs, 'found').data, names, squareSide(frames));
        made.set(
          frame,
          searches.map((search) => foundIn(patches, search, find)),
        );
        await pause();
      }
      return searches.map((_, index) => which.map((frame) => made.get(frame)?.[index] ?? []));
    },
  };
}

interface Patch {
  readonly box: Box;
  readonly logits: ReadonlyMap<string, number>;
}

function patchesOf(found: Float32Array, names: readonly string[], side: number): readonly Patch[] {
  const numbers = boxNumbers + names.length;
  return Array.from({ length: found.length / numbers }, (_, patch) => {
    const at = (index: number): number => found[patch * numbers + index]!;
    const [x, y, halfWidth, halfHeight] = [at(0) * side, at(1) * side, (at(2) / 2) * side, (at(3) / 2) * side];
    return {
      box: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight],
      logits: new Map(names.map((name, index) => [name, at(boxNumbers + index)])),
    };
  });
}

function foundIn(
  patches: readonly Patch[],
  { names, exclusive = false }: Search,
  { certainty: least, overlap }: { readonly certainty: number; readonly overlap: number },
): readonly FoundObject[] {
  const all = patches.flatMap(({ box, logits }): FoundObject[] => {
    const best = names.reduce((one, two) => (logits.get(two)! > logits.get(one)! ? two : one));
    const certainty = 1 / (1 + Math.exp(-logits.get(best)!));
    return certainty > least ? [{ name: best, certainty, box }] : [];
  });
  all.sort((one, two) => two.certainty - one.certainty);
  const kept: FoundObject[] = [];
  for (const each of all) {
    const isDouble = kept.some(
      ({ name, box }) => (exclusive || name === each.name) && intersectionOverUnion(box, each.box) > overlap,
    );
    if (!isDouble) kept.push(each);
  }
  return kept;
}
