import { expect, test } from '@jest/globals';
import { mergedMetrics } from './prometheus-text.ts';

const of = (device: string, fit: number): string =>
  [
    '# HELP shotline_worker_fit Whether the worker is fit',
    '# TYPE shotline_worker_fit gauge',
    `shotline_worker_fit{device="${device}"} ${String(fit)}`,
    '# TYPE shotline_stage_seconds histogram',
    `shotline_stage_seconds_bucket{device="${device}",le="+Inf"} 2`,
    `shotline_stage_seconds_sum{device="${device}"} 3.5`,
    `shotline_stage_seconds_count{device="${device}"} 2`,
    '',
  ].join('\n');

test('families of several workers stand together under one heading, each sample with its worker', () => {
  const merged = mergedMetrics(
    new Map([
      ['0', of('cuda:0', 1)],
      ['1', of('cuda:1', 0)],
    ]),
  );
  expect(merged.split('\n')).toEqual([
    '# HELP shotline_worker_fit Whether the worker is fit',
    '# TYPE shotline_worker_fit gauge',
    'shotline_worker_fit{worker="0",device="cuda:0"} 1',
    'shotline_worker_fit{worker="1",device="cuda:1"} 0',
    '# TYPE shotline_stage_seconds histogram',
    'shotline_stage_seconds_bucket{worker="0",device="cuda:0",le="+Inf"} 2',
    'shotline_stage_seconds_sum{worker="0",device="cuda:0"} 3.5',
    'shotline_stage_seconds_count{worker="0",device="cuda:0"} 2',
    'shotline_stage_seconds_bucket{worker="1",device="cuda:1",le="+Inf"} 2',
    'shotline_stage_seconds_sum{worker="1",device="cuda:1"} 3.5',
    'shotline_stage_seconds_count{worker="1",device="cuda:1"} 2',
    '',
  ]);
});

test('a sample without labels gets one, and a family that one worker lacks is kept', () => {
  const merged = mergedMetrics(
    new Map([
      ['0', 'up 1\n'],
      ['1', '# TYPE extra counter\nextra{} 4\nup 0\n'],
    ]),
  );
  expect(merged).toBe('up{worker="0"} 1\nup{worker="1"} 0\n# TYPE extra counter\nextra{worker="1"} 4\n');
});

test('nothing comes of nothing', () => {
  expect(mergedMetrics(new Map())).toBe('');
  expect(mergedMetrics(new Map([['0', '']]))).toBe('');
});
