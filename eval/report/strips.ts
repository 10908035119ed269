import { blankPicture, drawPicture } from '../../media/drawing.ts';
import type { FrameFile, RgbFrames } from '../../media/frame-file.ts';
import type { RgbPicture } from '../../media/picture.ts';
import { resamplePlane } from '../../tensor/resample.ts';
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
  /** Key of its frames, and what made them. */
  readonly clipKey: string;
  readonly stage: 'decode' | 'interp';
}

/** A clip as a row of pictures. */
export interface Strip {
  readonly clip: ShownClip;
  readonly picture: RgbPicture;
}

/** Pictures in a strip, their width and what lies between them, pixels. */
const numPictures = 6;
const pictureWidth = 128;
const gap = 2;

/** Width of a strip, pixels. */
export const stripWidth = numPictures * pictureWidth + (numPictures - 1) * gap;

/** The worst and the best clip of each dimension of a campaign; none for a dimension in which all are alike. */
export function shownClips({ label, prompts, dimensions, clips: kind }: CampaignRecord): readonly ShownClip[] {
  if (kind === undefined) return [];
  const { stage } = kind;
  return dimensions.flatMap(({ dimension }) => {
    const clips = prompts.flatMap(({ prompt, samples }) =>
      samples.flatMap(({ sample, clipKey, outcomes }) => {
        const outcome = outcomes.find((each) => each.dimension === dimension);
        if (outcome === undefined || !('score' in outcome) || outcome.score === null || clipKey === '') return [];
        return [{ dimension, campaign: label, prompt, sample, score: outcome.score.score, clipKey, stage }];
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

/** What a strip shows, in words. */
export function stripCaption({ rank, score, prompt, sample, campaign }: ShownClip): string {
  return `${rank} ${score.toFixed(3)}: ${prompt} (${campaign}, ${sample})`;
}

/** Draws a clip as a strip. */
export async function drawStrip(file: FrameFile): Promise<RgbPicture> {
  const height = Math.round((pictureWidth * file.height) / file.width);
  const strip = blankPicture(stripWidth, height, [255, 255, 255]);
  for (const [index, frame] of middleFrames(file.numFrames, numPictures).entries()) {
    drawPicture(strip, reduced(await file.read(frame, 1), height), index * (pictureWidth + gap), 0);
  }
  return strip;
}

/** One frame of planes to packed pixels at the width of a strip's pictures. */
function reduced({ width, height, data }: RgbFrames, newHeight: number): RgbPicture {
  const whole = { left: 0, top: 0, width, height };
  const planes = [0, 1, 2].map((channel) => {
    const plane = data.subarray(channel * width * height, (channel + 1) * width * height);
    return resamplePlane({ width, height, data: plane }, whole, pictureWidth, newHeight);
  });
  const made = new Uint8Array(3 * pictureWidth * newHeight);
  planes.forEach((plane, channel) => {
    plane.forEach((value, at) => {
      made[3 * at + channel] = Math.round(value);
    });
  });
  return { width: pictureWidth, height: newHeight, data: made };
}
