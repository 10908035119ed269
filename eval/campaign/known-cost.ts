import type { PromptRecord, SampleRecord } from './campaign.ts';

/**
 * A sample with what it cost when it was made. Where a campaign is run again its clips are found and cost nothing, and what was filed
 * of them before says what they are worth.
 *
 * @param former - What was filed of the prompt before; `null` for nothing.
 */
export function withKnownCost<Sample extends Omit<SampleRecord, 'outcomes'>>(
  sample: Sample,
  former: PromptRecord | null,
): Sample {
  const same = former?.samples.find(
    ({ clipKey, measureKey }) => clipKey === sample.clipKey && measureKey === sample.measureKey,
  );
  if (same === undefined) return sample;
  return {
    ...sample,
    generateMs: sample.generateMs === 0 ? same.generateMs : sample.generateMs,
    measureMs: sample.measureMs === 0 ? same.measureMs : sample.measureMs,
  };
}
