import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameFile, writeFrameFile } from '../../media/frame-file.ts';
import type { Framing } from '../../story/plan/framing.ts';
import { frameClip } from './framed-clip.ts';

describe('a clip as a film shows it', () => {
  let folder: string;
  let clip: FrameFile;
  const [width, height, count] = [64, 36, 6];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shotline-test-'));
    // Each pixel tells its column.
    const data = Uint8Array.from({ length: count * 3 * height * width }, (_, index) => 2 * (index % width));
    await writeFrameFile(join(folder, 'clip'), { count, width, height, data });
    clip = await FrameFile.open(join(folder, 'clip'));
  });

  afterEach(async () => {
    await clip.close();
    await rm(folder, { recursive: true });
  });

  const upright = { width: 1080, height: 1920 };
  const framed = (framing: Framing | undefined, from = 0) => frameClip(clip, upright, { framing, even: false, from });
  /** The column of the clip that each frame begins with. */
  const firstColumns = async (framing: Framing, from = 0, frames = count - from): Promise<number[]> => {
    const { data, width: w, height: h } = await framed(framing, from).read(from, frames);
    return Array.from({ length: frames }, (_, frame) => data[frame * 3 * w * h]! / 2);
  };

  test('without framing it is taken whole, to the size of the film', async () => {
    const whole = framed(undefined);
    expect([whole.width, whole.height, whole.size]).toEqual([64, 36, upright]);
    expect((await whole.read(2, 1)).data).toEqual((await clip.read(2, 1)).data);
  });

  test('cropped, its part has the shape of the film and its size', async () => {
    const { width: w, height: h, size, place } = framed({ kind: 'crop', focus: 0 });
    expect([w, h, size, place]).toEqual([20, 36, upright, { left: 0, top: 0, ...upright }]);
    expect(await firstColumns({ kind: 'crop', focus: 1 })).toEqual([44, 44, 44, 44, 44, 44]);
  });

  test('padded, it is upscaled to the part of the film that it fills', () => {
    const { width: w, size, place } = framed({ kind: 'pad' });
    expect([w, size, place]).toEqual([
      64,
      { width: 1080, height: 608 },
      { left: 0, top: 656, width: 1080, height: 608 },
    ]);
  });

  test('a focus that moves begins and ends slowly, and goes on from segment to segment', async () => {
    const pan = { to: 1, frames: 6, first: 0 };
    const whole = await firstColumns({ kind: 'crop', focus: 0, pan });
    const steps = whole.slice(1).map((column, index) => column - whole[index]!);
    expect(steps.every((step) => step > 0)).toBe(true);
    expect(Math.max(...steps)).toBe(steps[2]);
    const later = await firstColumns({ kind: 'crop', focus: 0, pan: { ...pan, first: 3 } }, 3);
    expect(later).toEqual(whole.slice(3));
  });
});
