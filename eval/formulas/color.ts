/**
 * Color: of the frames in which the object is described with any colour, how many have the one that was asked for.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/color.py`. Published: GRiT, dense captions, 16 frames.
 * A colour is looked for anywhere in the caption of a region whose label is the object, so `red` is also found in `colored`.
 * The frame with the wanted colour and the frame with any colour are counted apart, as in the reference.
 */
import type { VideoScore } from './video-score.ts';

/** What a captioner says of one region of a frame. */
export interface DescribedRegion {
  readonly caption: string;
  readonly label: string;
}

/** The words that count as a colour. */
export const colours = [
  'white',
  'red',
  'pink',
  'blue',
  'silver',
  'purple',
  'orange',
  'green',
  'gray',
  'yellow',
  'black',
  'grey',
] as const;

/** The object that a VBench colour prompt names: `a red bicycle` with `red` is `bicycle`. */
export function coloredObject(prompt: string, color: string): string {
  return prompt.replaceAll('a ', '').replaceAll('an ', '').replaceAll(color, '').trim();
}

/** Color of a video; `null` when no frame shows the object with a colour: such a video does not count. */
export function color(
  frames: readonly (readonly DescribedRegion[])[],
  wanted: { readonly object: string; readonly color: string },
): VideoScore | null {
  const described = frames.map((regions) =>
    regions.filter((region) => region.label === wanted.object).map((region) => region.caption),
  );
  const withAny = described.filter((captions) => captions.some((text) => colours.some((word) => text.includes(word))));
  const withWanted = described.filter((captions) => captions.some((text) => text.includes(wanted.color)));
  return withAny.length === 0 ? null : { score: withWanted.length / withAny.length, weight: 1 };
}
