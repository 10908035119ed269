import { blankPicture, drawPicture } from '../../media/drawing.ts';
import type { FrameFile, RgbFrames } from '../../media/frame-file.ts';
import type { RgbPicture } from '../../media/picture.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { type Dimension } from '../formulas/dimensions.ts';
import { middleFrames } from '../formulas/frame-sampling.ts';

/** A clip that a report shows. */
export interface ShownClip {
  readonly dimension: Dimension;
  readonly rank: 'worst' | 'best';
  readonly campaign: string;
  readonly prompt: string;
  readonly sample: number;
  readonly score: number;
  /** Key of its frames. */
  readonly clipKey: string;
}

/** A clip as a row of pictures. */
export interface Strip {
  readonly caption: string;
  readonly picture: RgbPicture;
}

/** Pictures in a strip. */
const numPictures = 6;

/** The worst and the best clip of each dimension of a campaign; none for a dimension in which all are alike. */
export function shownClips({ label, prompts, dimensions }: CampaignRecord): readonly ShownClip[] {
  return dimensions.flatMap(({ dimension }) => {
    const clips = prompts.flatMap(({ prompt, samples }) =>
      samples.flatMap(({ sample, clipKey, outcomes }) => {
        const outcome = outcomes.find((each) => each.dimension === dimension);
        if (outcome === undefined || !('score' in outcome) || outcome.score === null || clipKey === '') return [];
        return [{ dimension, campaign: label, prompt, sample, score: outcome.score.score, clipKey }];
      }),
    );
    clips.sort((one, two) => one.score - two.score);
    const [worst] = clips;
    const best = clips.at(-1);
    if (worst === undefined || best === undefined || worst.score === best.score) return [];
    return [
      { ...worst, rank: 'worst' },
      { ...best, rank: 'best' },
    ] as const;
  });
}

/** Draws the strip of a clip. */
export async function stripOf(clip: ShownClip, file: FrameFile): Promise<Strip> {
  const caption = `${clip.dimension} ${clip.score.toFixed(3)}, ${clip.rank}: ${clip.prompt} (${clip.campaign}, ${clip.sample})`;
  const pictures: RgbPicture[] = [];
  for (const frame of middleFrames(file.numFrames, numPictures)) pictures.push(packed(await file.read(frame, 1)));
  const picture = blankPicture(pictures.length * (file.width + 4), file.height, [255, 255, 255]);
  pictures.forEach((each, index) => {
    drawPicture(picture, each, index * (file.width + 4), 0);
  });
  return { caption, picture };
}

/** Planes to packed pixels. */
function packed({ width, height, data }: RgbFrames): RgbPicture {
  const size = width * height;
  const made = new Uint8Array(3 * size);
  for (let at = 0; at < 3 * size; at++) made[at] = data[(at % 3) * size + Math.floor(at / 3)] ?? 0;
  return { width, height, data: made };
}
