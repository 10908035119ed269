import { expect, test } from '@jest/globals';
import type { StoryResult } from '../../workflows/contracts.ts';
import { filmJson, filmLines, receiptLine } from './film-report.ts';

const film: StoryResult = {
  storyId: 'story-a',
  title: 'A',
  bucket: 'shotline',
  filmKey: 'films/a/a.mp4',
  posterKey: 'films/a/poster.jpg',
  storyboardKey: 'films/a/storyboard.jpg',
  manifestKey: 'films/a/manifest.json',
  filmUrl: 'http://s3/a.mp4',
  posterUrl: 'http://s3/poster.jpg',
  storyboardUrl: 'http://s3/storyboard.jpg',
  manifestUrl: 'http://s3/manifest.json',
  urlsExpireMs: 0,
  width: 3840,
  height: 2160,
  fps: 24,
  frames: 305,
  seconds: 12.708,
  bytes: 15_000_000,
  cacheHits: 3,
  computed: 11,
};

test('machines get exactly the promised fields', () => {
  expect(filmJson(film, 133_440)).toEqual({
    workflowId: 'story-a',
    filmUrl: 'http://s3/a.mp4',
    manifestUrl: 'http://s3/manifest.json',
    posterUrl: 'http://s3/poster.jpg',
    frames: 305,
    width: 3840,
    height: 2160,
    seconds: 12.708,
    cacheHits: 3,
    computed: 11,
    elapsedSeconds: 133.4,
  });
});

test('people get URLs first', () => {
  expect(filmLines(film, 133_440)).toEqual([
    'film      http://s3/a.mp4',
    'poster    http://s3/poster.jpg',
    'manifest  http://s3/manifest.json',
    '          3840x2160, 305 frames, 12.7 s at 24 fps, 14.3 MiB',
    '          11 computed, 3 taken from the cache, in 2:13',
  ]);
});

test('a receipt counts in words', () => {
  expect(receiptLine({ storyId: 'story-a', frames: 61, seconds: 2.54, tasks: 4, shots: 1, joins: 0 })).toBe(
    '1 shot, 0 joins, 61 frames (2.5 s), 4 tasks',
  );
});
