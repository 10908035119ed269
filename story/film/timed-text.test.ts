import { expect, test } from '@jest/globals';
import { subRip, webVtt } from './timed-text.ts';

const captions = [
  { from: 1, until: 48, text: 'Fish & chips\n<b>--> now' },
  { from: 86_400, until: 90_001, text: 'مرحبا' },
];

test('captions as WebVTT: times to the millisecond, marks as text', () => {
  expect(webVtt({ captions, rate: { num: 24, den: 1 } })).toBe(
    'WEBVTT\n\n1\n00:00:00.042 --> 00:00:02.000\nFish &amp; chips\n&lt;b&gt;--&gt; now\n\n2\n01:00:00.000 --> 01:02:30.042\nمرحبا\n',
  );
});

test('captions as SubRip, with the times of a rate that is no whole number', () => {
  expect(subRip({ captions, rate: { num: 24_000, den: 1001 } })).toBe(
    '1\r\n00:00:00,042 --> 00:00:02,002\r\nFish & chips\r\n<b>--> now\r\n\r\n2\r\n01:00:03,600 --> 01:02:33,792\r\nمرحبا\r\n',
  );
});
