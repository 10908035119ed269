import { expect, test } from '@jest/globals';
import type { PromptRecord, SampleRecord } from './campaign.ts';
import { withKnownCost } from './known-cost.ts';

const sample: SampleRecord = {
  sample: 0,
  seed: 1,
  clipKey: 'clip',
  measureKey: 'measure',
  generateMs: 2_000,
  measureMs: 100,
  outcomes: [],
};
const former: PromptRecord = { index: 0, prompt: 'a boat', samples: [sample] };

test('a clip that was found keeps what it cost when it was made', () => {
  const found = { ...sample, generateMs: 0, measureMs: 0 };
  expect(withKnownCost(found, former)).toEqual(sample);
  expect(withKnownCost(found, null)).toEqual(found);
});

test('what was computed now counts, and other clips say nothing', () => {
  expect(withKnownCost({ ...sample, generateMs: 0, measureMs: 7 }, former)).toMatchObject({
    generateMs: 2_000,
    measureMs: 7,
  });
  const other = { ...sample, clipKey: 'other', generateMs: 0 };
  expect(withKnownCost(other, former)).toEqual(other);
});
