import { isCancellation } from '@temporalio/workflow';
import type { StageResult } from '../story/plan/task-run.ts';
import type { SampleFailure, SampleRecord } from '../eval/campaign/campaign.ts';
import { planSamples, type SamplePlan } from '../eval/campaign/plan-campaign.ts';
import type { PromptInput, PromptResult } from './campaign-contracts.ts';
import { failureOf } from './failure.ts';
import { runScoring, runStage } from './pools.ts';
import { createTaskRunner } from './task-runner.ts';
import { together } from './together.ts';

/** Makes and measures the clips of one prompt side by side, and files their scores. A clip that fails is filed as failed. */
export async function promptWorkflow(input: PromptInput): Promise<PromptResult> {
  const { campaignId, tenant, index, prompt, settings } = input;
  const customer = { storyId: campaignId, tenant, isBackground: true };
  const plans = planSamples(prompt, settings);
  const results = new Map<string, StageResult>();
  const failures = new Map<number, SampleFailure>();
  const itemOf = (plan: SamplePlan): string => `prompt ${index}, sample ${plan.sample}`;
  const runner = createTaskRunner({
    tasks: plans.flatMap((plan) => [...plan.clip, plan.measure].map((task) => ({ item: itemOf(plan), task }))),
    known: [],
    perform: (planned) => runStage(customer, planned),
    onBegin: () => undefined,
    onEnd: ({ result }) => void results.set(result.artifact.key, result),
  });

  await together(
    plans.map((plan) => async () => {
      try {
        for (const task of [...plan.clip, plan.measure]) await runner.ensureArtifact(task.key);
      } catch (error) {
        if (isCancellation(error)) throw error;
        const { type, message } = failureOf(itemOf(plan), error);
        failures.set(plan.sample, { code: type ?? 'INTERNAL', message });
      }
    }),
  );
  const samples = plans.map((plan) => recordOf(plan, results, failures.get(plan.sample)));
  const measureKeys = samples.filter(({ failure }) => failure === undefined).map(({ measureKey }) => measureKey);
  await runner.withArtifacts(measureKeys, () =>
    runScoring(customer, {
      campaignId,
      index,
      prompt,
      samples,
      context: { storyId: campaignId, item: `prompt ${index}` },
    }),
  );
  return {
    measured: measureKeys.length,
    failed: failures.size,
    cached: measureKeys.filter((key) => results.get(key)?.cacheHit === true).length,
    generateMs: samples.reduce((sum, sample) => sum + sample.generateMs, 0),
    measureMs: samples.reduce((sum, sample) => sum + sample.measureMs, 0),
  };
}

function recordOf(
  { sample, seed, clip, frames, measure }: SamplePlan,
  results: ReadonlyMap<string, StageResult>,
  failure: SampleFailure | undefined,
): Omit<SampleRecord, 'outcomes'> {
  const busy = (key: string): number => results.get(key)?.busyMs ?? 0;
  const isWhole = clip.every(({ key }) => results.get(key)?.cacheHit === false);
  return {
    sample,
    seed,
    clipKey: frames.key,
    measureKey: measure.key,
    // Half of a clip that was found would make the share of measuring look larger than it is.
    generateMs: isWhole ? clip.reduce((sum, { key }) => sum + busy(key), 0) : 0,
    measureMs: busy(measure.key),
    ...(failure === undefined ? {} : { failure }),
  };
}
