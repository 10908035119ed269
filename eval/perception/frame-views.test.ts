import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { RgbFrames } from '../../media/frame-file.ts';
import { patternClip } from '../../test/fakes/pattern-clip.ts';
import { flowView, imagingViews, shorterView } from './frame-views.ts';
import { searchView } from './search-view.ts';

interface Golden {
  readonly every: number;
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly width: number;
        readonly height: number;
        readonly views: Readonly<
          Record<string, { readonly shape: readonly number[]; readonly every: readonly number[] }>
        >;
      }
    >
  >;
}

/** What torchvision and, for `search`, transformers make of the same frames: `modeling/goldens/look_goldens.py`. */
const golden = JSON.parse(readFileSync(new URL('goldens/views.json', import.meta.url), 'utf8')) as Golden;

function viewsOf(frames: RgbFrames) {
  return {
    shorter: shorterView(frames, [0, 1], { shorter: 32, filter: 'bilinear' }),
    square: shorterView(frames, [0, 1], { shorter: 28, filter: 'bicubic', square: true }),
    ...imagingViews(frames, [0, 1], { small: 24, large: 48, patch: 16 }),
    flow: flowView(frames, 0, { multiple: 8 }),
    search: searchView(frames, 0, { square: 64 }),
  };
}

describe.each(Object.entries(golden.cases))('frames that are %s', (_name, { width, height, views }) => {
  test.each(Object.entries(viewsOf(patternClip(2, width, height))))(
    'come to models as `%s` as published',
    (name, { shape, data }) => {
      const expected = views[name]!;
      expect(shape).toEqual(expected.shape);
      const some = data.filter((_, at) => at % golden.every === 0);
      expect(some).toHaveLength(expected.every.length);
      for (const [at, value] of expected.every.entries()) expect(some[at]).toBeCloseTo(value, 4);
    },
  );
});

test('some frames come in the order in which they are asked for', () => {
  const frames = patternClip(3, 20, 12);
  const view = { shorter: 12, filter: 'bilinear' } as const;
  const [, last] = [shorterView(frames, [0], view), shorterView(frames, [2], view)];
  const both = shorterView(frames, [2, 0], view);
  expect(both.data.subarray(0, 3 * 20 * 12)).toEqual(last.data);
});
