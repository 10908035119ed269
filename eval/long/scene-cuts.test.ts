import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { SceneDetector } from './scene-cuts.ts';
import type { RgbFrame } from './scene-cuts.ts';

/** Made by PySceneDetect: `modeling/goldens/scene_cuts_goldens.py`. */
const golden = JSON.parse(readFileSync(new URL('goldens/scene-cuts.json', import.meta.url), 'utf8')) as {
  width: number;
  height: number;
  cases: { name: string; scenes: number[]; threshold: number; minLength: number; cuts: number[]; scores: number[] }[];
};

/** The script's formula. */
function frameOf(scene: number, index: number): RgbFrame {
  const { width, height } = golden;
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    data[3 * at] = (x * scene * 3 + y * 5 + index * 2 + scene * 91) % 256;
    data[3 * at + 1] = (x * 7 + y * scene + scene * 37) % 256;
    data[3 * at + 2] = (x * y + scene * 53 + index) % 256;
  }
  return { width, height, data };
}

describe('scene cuts', () => {
  test.each(golden.cases)('are those of PySceneDetect: $name', ({ scenes, threshold, minLength, cuts, scores }) => {
    const detector = new SceneDetector({ threshold, minLength });
    const found = scenes.flatMap((scene, index) => {
      const cut = detector.next(frameOf(scene, index));
      expect(detector.score).toBeCloseTo(scores[index]!, 8);
      return cut ?? [];
    });
    expect(found).toEqual(cuts);
  });
});
