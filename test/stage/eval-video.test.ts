import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Dimension } from '../../eval/formulas/dimensions.ts';
import { scoreClip } from '../../eval/score-clip.ts';
import { scoreVideo } from '../../eval/score-video.ts';
import { classicalSet } from '../../eval/perception/classical-set.ts';
import { ClipView } from '../../eval/perception/clip-view.ts';
import type { PerceptionSet } from '../../eval/perception/roles.ts';
import type { RgbFrames } from '../../media/frame-file.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import { openFrameReader } from '../../media/read-frames.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { philoxNormal } from '../../tensor/philox.ts';

/** What the pocket models made of "a red boat sails to the right …" and "a white house stands still …". */
const fixture = (name: 'boat' | 'house'): string => join(import.meta.dirname, '../../eval/fixtures', `${name}.mp4`);
const fps = 8;
jest.setTimeout(120_000);

async function readClip(file: string): Promise<RgbFrames> {
  const reader = await openFrameReader(file, { maxWidth: 256 });
  try {
    const pictures = [];
    for await (const picture of reader.frames()) pictures.push(picture);
    const { width, height } = reader;
    const data = new Uint8Array(pictures.length * 3 * width * height);
    pictures.forEach((picture, frame) => {
      for (let at = 0; at < picture.data.length; at++)
        data[(frame * 3 + (at % 3)) * width * height + Math.floor(at / 3)] = picture.data[at]!;
    });
    return { count: pictures.length, width, height, data };
  } finally {
    await reader.close();
  }
}

const frameBytes = ({ width, height }: RgbFrames): number => 3 * width * height;

/** The clip with its frames in another order. */
function reordered(clip: RgbFrames, order: readonly number[]): RgbFrames {
  const size = frameBytes(clip);
  const data = new Uint8Array(order.length * size);
  order.forEach((from, to) => {
    data.set(clip.data.subarray(from * size, (from + 1) * size), to * size);
  });
  return { ...clip, count: order.length, data };
}

function noisy(clip: RgbFrames, sigma: number): RgbFrames {
  const noise = philoxNormal({ seed: 5, stream: 'eval noise', step: 0 }, clip.data.length);
  const data = Uint8ClampedArray.from(clip.data, (byte, at) => byte + sigma * noise[at]!);
  return { ...clip, data: new Uint8Array(data.buffer) };
}

type Scores = Partial<Record<Dimension, number>>;

async function scoresOf(clip: RgbFrames, models: PerceptionSet = classicalSet): Promise<Scores> {
  const measured = await scoreClip(new ClipView(clip), fps, models);
  return Object.fromEntries(measured.map(({ dimension, score }) => [dimension, score!.score]));
}

/** Without optical flow, which costs most of the time and says nothing where these tests look. */
const withoutFlow: PerceptionSet = {
  name: 'classical without flow',
  maxWidth: 256,
  subject: classicalSet.subject!,
  imaging: classicalSet.imaging!,
};

let folder: string;
let boat: RgbFrames;
let house: RgbFrames;
let sound: Scores;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-eval-'));
  [boat, house] = [await readClip(fixture('boat')), await readClip(fixture('house'))];
  sound = await scoresOf(boat);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a degradation moves the dimension that is about it', () => {
  test('shuffled frames lower smoothness and consistency, and leave the noise alone', async () => {
    const shuffled = await scoresOf(reordered(boat, [9, 2, 14, 5, 0, 11, 7, 15, 3, 12, 6, 1, 13, 8, 4, 10]));
    expect(shuffled.motion_smoothness).toBeLessThan(sound.motion_smoothness! - 0.005);
    expect(shuffled.subject_consistency).toBeLessThan(sound.subject_consistency! - 0.01);
    expect(shuffled.background_consistency).toBeLessThan(sound.background_consistency!);
    expect(shuffled.temporal_flickering).toBeLessThan(sound.temporal_flickering!);
    expect(shuffled.imaging_quality).toBeCloseTo(sound.imaging_quality!, 9);
  });

  test('noise lowers imaging quality, the more the stronger, and flicker with it', async () => {
    const [little, much] = [await scoresOf(noisy(boat, 4), withoutFlow), await scoresOf(noisy(boat, 16), withoutFlow)];
    expect(little.imaging_quality).toBeLessThan(sound.imaging_quality! - 0.05);
    expect(much.imaging_quality).toBeLessThan(little.imaging_quality! - 0.2);
    expect(much.temporal_flickering).toBeLessThan(sound.temporal_flickering!);
  });

  test('one frame repeated has dynamic degree 0 and is perfectly smooth and consistent', async () => {
    expect(sound.dynamic_degree).toBe(1);
    const still = await scoresOf(reordered(boat, Array<number>(16).fill(3)));
    expect(still.dynamic_degree).toBe(0);
    expect(still.temporal_flickering).toBe(1);
    expect(still.subject_consistency).toBeCloseTo(1, 6);
    expect(still.background_consistency).toBeCloseTo(1, 6);
    expect(still.motion_smoothness).toBeGreaterThan(0.999);
  });

  test('a house that stands still moves less than a boat that sails', async () => {
    const standing = await scoresOf(house);
    expect(standing.dynamic_degree).toBe(0);
    expect(standing.temporal_flickering).toBeGreaterThan(sound.temporal_flickering!);
    expect(standing.subject_consistency).toBeGreaterThan(sound.subject_consistency!);
  });
});

describe('measuring a video', () => {
  test('gives each score its model, says what is missing and that it is not comparable', async () => {
    const measure = await scoreVideo(fixture('boat'), { models: classicalSet });
    expect(measure).toMatchObject({ width: 256, height: 144, fps, frames: 16, clips: 1, comparable: false });
    expect(Object.fromEntries(measure.dimensions.map(({ dimension, score }) => [dimension, score]))).toEqual(sound);
    expect(measure.dimensions.every(({ model }) => model !== '')).toBe(true);
    expect(measure.dimensions.length + measure.missing.length).toBe(16);
    expect(measure.missing.find(({ dimension }) => dimension === 'color')?.reason).toContain('prompt');
    expect(measure.missing.find(({ dimension }) => dimension === 'aesthetic_quality')?.reason).toBe('no model for it');
  });

  test('cuts a long film into clips of two seconds and pools them', async () => {
    const file = join(folder, 'long.mp4');
    const { width, height } = boat;
    const encoder = await openSegmentEncoder({ file, width, height, fps });
    const film = [boat, boat, house];
    for (let frame = 0; frame < 40; frame++) {
      const clip = film[Math.floor(frame / 16)]!;
      const size = frameBytes(clip);
      await encoder.write(frameToYuv(clip.data.slice((frame % 16) * size, ((frame % 16) + 1) * size), width, height));
    }
    await encoder.close();
    const seen: number[] = [];
    const measure = await scoreVideo(file, { models: withoutFlow, onProgress: (done) => seen.push(done) });
    expect(measure).toMatchObject({ frames: 40, clips: 3 });
    expect(seen).toEqual([16, 32, 40]);
    const long = Object.fromEntries(measure.dimensions.map(({ dimension, score }) => [dimension, score]));
    // The third clip reaches back over the cut to the house.
    expect(long['subject_consistency']).toBeLessThan(sound.subject_consistency!);
  });

  test('refuses what is not a video', async () => {
    await expect(
      scoreVideo(join(import.meta.dirname, 'eval-video.test.ts'), { models: classicalSet }),
    ).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
    });
  });
});
