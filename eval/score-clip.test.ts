import { describe, expect, test } from '@jest/globals';
import type { RgbFrames } from '../media/frame-file.ts';
import { ClipView } from './perception/clip-view.ts';
import { classicalSet } from './perception/classical-set.ts';
import { scoreClip } from './score-clip.ts';

/** A soft blob over a soft ground, `step` pixels further to the right in each frame. */
function clip(step: number): RgbFrames {
  const [count, width, height] = [8, 64, 48];
  const data = new Uint8Array(count * 3 * width * height);
  for (let frame = 0; frame < count; frame++) {
    for (let at = 0; at < 3 * width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width) % height];
      const blob = Math.exp(-((x - 16 - step * frame) ** 2 + (y - 24) ** 2) / 60);
      data[frame * 3 * width * height + at] = 60 + 40 * Math.sin(x / 5) * Math.cos(y / 7) + 100 * blob;
    }
  }
  return { count, width, height, data };
}

const flicker = async (step: number, still: boolean) => {
  const scores = await scoreClip(new ClipView(clip(step)), 8, classicalSet, still ? { asked: { still: true } } : {});
  return scores.find(({ dimension }) => dimension === 'temporal_flickering')?.score;
};

describe('flicker', () => {
  test('a clip that moves has none where it was to stand still, and one that stands has', async () => {
    expect(await flicker(4, true)).toBeNull();
    expect((await flicker(0, true))?.score).toBe(1);
  });

  test('a clip that may move is asked whatever it does', async () => {
    expect((await flicker(4, false))?.score).toBeLessThan(1);
  });
});
