import type { ModelManifest } from '../../story/models/model-manifest.ts';
import { type Graph, float32Output } from '../../engine/graph.ts';
import type { ClipView } from './clip-view.ts';
import { type Likelihoods, likeliest, type Perceiver, type SeenFrame, softmax } from './seen.ts';

/** The manifest of a probe. */
export type ProbeManifest = Extract<ModelManifest, { role: 'probe' }>;

/** A model that looks at a whole clip at once and says how likely each word of each kind is. */
export interface Probe extends Perceiver {
  /** How likely each word of each kind is for this clip. */
  judge(clip: ClipView): Promise<Readonly<Record<string, Likelihoods>>>;
}

/** Gives a probe its eyes: it sees frames of the clip at equal distances, with the first and the last. */
export function openProbe(graph: Graph, manifest: ProbeManifest): Probe {
  const { width, height, frames: numLooks } = manifest.native ?? { width: 256, height: 144, frames: 16 };
  return {
    model: `${manifest.name} ${manifest.version}`,
    accuracy: manifest.accuracy ?? {},
    async judge(clip) {
      const which = Array.from({ length: numLooks }, (_, index) =>
        Math.round((index * (clip.frames.count - 1)) / Math.max(1, numLooks - 1)),
      );
      const input = clip.input(which, { width, height });
      const outputs = await graph.run({ frames: { ...input, shape: [1, ...input.shape] } });
      return Object.fromEntries(
        Object.entries(manifest.attributes).map(([kind, words]) => [
          kind,
          softmax(words, float32Output(outputs, kind).data),
        ]),
      );
    },
  };
}

/** What a frame shows by the word of a probe, which sees all frames alike: one object, somewhere. */
export function frameOfClip(words: Readonly<Record<string, Likelihoods>>): SeenFrame {
  const { object = {}, colour = {}, place = {}, sky = {} } = words;
  const label = likeliest(object);
  return {
    objects: [{ label, colour: likeliest(colour), certainty: object[label] ?? 0, box: null }],
    place,
    sky,
  };
}
