import { measuredTasks, planMeasure } from '../../story/plan-measure.ts';
import { planStory } from '../../story/plan-story.ts';
import type { Shot, StoryScript } from '../../story/script.ts';
import { hashOf, seedOf } from '../../story/task-key.ts';
import type { InterpTask, MeasureTask, StageTask } from '../../story/task.ts';
import type { CampaignInput } from './campaign.ts';

/** One clip of a campaign, planned. */
export interface SamplePlan {
  readonly sample: number;
  readonly seed: number;
  /** What makes the clip, each after the ones it depends on; the last one is its interpolation. */
  readonly clip: readonly StageTask[];
  readonly interp: InterpTask;
  readonly measure: MeasureTask;
}

/** What planning the clips of one prompt takes. */
export type PromptSettings = Pick<CampaignInput, 'models' | 'template' | 'fps' | 'samples'>;

/**
 * The clips of one prompt. Seeds follow from prompt and number alone, so campaigns with other settings make their clips from the same
 * noise and can be compared in pairs. Pure.
 *
 * @throws PipelineError as `planStory` does.
 */
export function planSamples(prompt: string, { models, template, fps, samples }: PromptSettings): readonly SamplePlan[] {
  const shots = Array.from({ length: samples }, (_, sample): Shot => {
    const seed = seedOf({ seed: template.sampling.seed, prompt, sample });
    return {
      ...template,
      id: `sample-${sample}`,
      prompt,
      sampling: { ...template.sampling, seed },
      join: sample === 0 ? null : { kind: 'cut' },
    };
  });
  const script: StoryScript = { title: prompt, output: { ...models.native, fps }, models: models.name, shots };
  return planStory(script, models).shots.map((shot, sample) => ({
    sample,
    seed: shot.base.params.seed,
    clip: measuredTasks(shot),
    interp: shot.interp,
    measure: planMeasure(shot.interp, prompt, fps, models),
  }));
}

/** Workflow id of a campaign. It follows from all that decides its scores: the same campaign twice finds the first. */
export function campaignIdOf({ suite, prompts, models, template, fps, samples }: CampaignInput): string {
  return `campaign-${slugOf(suite)}-${hashOf({ prompts, models, template, fps, samples }).slice(0, 12)}`;
}

function slugOf(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 40) || 'suite';
}
