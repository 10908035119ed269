/**
 * A detector package at work: maps per cell to objects with boxes, and words of the scene. Its features of subject and background are
 * not used: they know a thing wherever it is, so frames in a wrong order would look consistent.
 *
 * An object is where its presence is 0.5 or more and the highest among its eight neighbours; of two boxes that overlap by more
 * than 0.3 of their union the less certain one is a double. The same rules made the accuracy in the manifest (`modeling/accuracy.py`).
 */
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import { type Graph, float32Output, type GraphTensors } from '../../engine/graph.ts';
import { type Box, intersectionOverUnion } from '../formulas/spatial-relationship.ts';
import type { ClipView } from './clip-view.ts';
import { type Perceiver, type SeenFrame, type SeenObject, softmax } from './seen.ts';

/** The manifest of a detector. */
export type DetectorManifest = Extract<ModelManifest, { role: 'detector' }>;

/** An open detector. */
export interface Detector extends Perceiver {
  /** Looks at some frames, in that order. `pause` is awaited between calls of the model. */
  detect(clip: ClipView, which: readonly number[], pause: () => Promise<void>): Promise<readonly SeenFrame[]>;
}

/** Frames per call of the model. */
const framesPerCall = 16;
const present = 0.5;
const apart = 0.3;

/** Gives a detector its eyes. */
export function openDetector(graph: Graph, manifest: DetectorManifest): Detector {
  const size = manifest.native ?? { width: 256, height: 144 };
  return {
    model: `${manifest.name} ${manifest.version}`,
    accuracy: manifest.accuracy ?? {},
    async detect(clip, which, pause) {
      const scale = { x: clip.frames.width / size.width, y: clip.frames.height / size.height };
      const made: SeenFrame[] = [];
      for (let first = 0; first < which.length; first += framesPerCall) {
        const some = which.slice(first, first + framesPerCall);
        const outputs = await graph.run({ frames: clip.input(some, size) });
        made.push(...some.map((_, index) => readFrame(outputs, index, manifest.attributes, scale)));
        await pause();
      }
      return made;
    },
  };
}

function readFrame(
  outputs: GraphTensors,
  frame: number,
  words: DetectorManifest['attributes'],
  scale: { readonly x: number; readonly y: number },
): SeenFrame {
  const part = (name: string): { readonly shape: readonly number[]; readonly data: Float32Array } => {
    const { shape, data } = float32Output(outputs, name);
    const size = data.length / (shape[0] ?? 1);
    return { shape: shape.slice(1), data: data.subarray(frame * size, (frame + 1) * size) };
  };
  return {
    objects: objectsOf(part, words, scale),
    place: softmax(words['place'] ?? [], part('place').data),
    sky: softmax(words['sky'] ?? [], part('sky').data),
  };
}

function objectsOf(
  part: (name: string) => { readonly shape: readonly number[]; readonly data: Float32Array },
  words: DetectorManifest['attributes'],
  scale: { readonly x: number; readonly y: number },
): readonly SeenObject[] {
  const { shape, data } = part('presence');
  const [rows = 0, columns = 0] = shape;
  const maps = { object: part('object').data, colour: part('colour').data, box: part('box').data };
  const at = (map: Float32Array, channel: number, cell: number): number => map[channel * rows * columns + cell]!;
  const wordAt = (kind: 'object' | 'colour', cell: number): string => {
    const names = words[kind] ?? [];
    const logits = names.map((_, channel) => at(maps[kind], channel, cell));
    return names[logits.indexOf(Math.max(...logits))] ?? '';
  };
  const found = peaksOf(data, rows, columns).map((cell): SeenObject & { readonly box: Box } => ({
    label: wordAt('object', cell),
    colour: wordAt('colour', cell),
    certainty: 1 / (1 + Math.exp(-data[cell]!)),
    box: [
      at(maps.box, 0, cell) * scale.x,
      at(maps.box, 1, cell) * scale.y,
      at(maps.box, 2, cell) * scale.x,
      at(maps.box, 3, cell) * scale.y,
    ],
  }));
  found.sort((one, two) => two.certainty - one.certainty);
  const kept: (SeenObject & { readonly box: Box })[] = [];
  for (const each of found) {
    if (kept.every(({ box }) => intersectionOverUnion(box, each.box) <= apart)) kept.push(each);
  }
  return kept;
}

/** Cells whose presence is at least a half and not lower than that of any neighbour. */
function peaksOf(presence: Float32Array, rows: number, columns: number): readonly number[] {
  const least = Math.log(present / (1 - present));
  return Array.from({ length: rows * columns }, (_, cell) => cell).filter((cell) => {
    const value = presence[cell]!;
    if (value < least) return false;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        if (presence[y * columns + x]! > value) return false;
      }
    }
    return true;
  });
}
