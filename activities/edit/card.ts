import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { overColour, towardsBlack } from '../../media/blend.ts';
import type { CardTask } from '../../story/plan/task.ts';
import { cardPicture } from '../../words/card-picture.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * The frames of a card: words on a colour, from black and to black.
 * @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`.
 */
export const drawCard: CpuWork<CardTask> = async ({ params }, { outputFile: file }, progress) => {
  const { width, height, fps, frames, fade, from, count, background } = params;
  const picture = overColour(cardPicture(params, params), background);
  const encoder = await openSegmentEncoder({ file, width, height, fps });
  try {
    for (let index = 0; index < count; index += 1) {
      progress(index, count);
      await encoder.write(towardsBlack(picture, lightOf(from + index, frames, fade)));
    }
    await encoder.close();
  } finally {
    await encoder.abort();
  }
};

/** How light a frame of a card is: 0 is black, 1 the whole picture. */
function lightOf(frame: number, frames: number, fade: number): number {
  return Math.min(1, (frame + 1) / (fade + 1), (frames - frame) / (fade + 1));
}
