import { interpolatedClip, keyClip, planMeasure } from '../../story/plan/plan-measure.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import type { Shot, StoryScript } from '../../story/script/script.ts';
import { hashOf, seedOf } from '../../story/script/content-hash.ts';
import type { DecodeTask, InterpTask, MeasureTask, StageTask } from '../../story/plan/task.ts';
import type { SuitePrompt } from '../suite.ts';
import { questionsOf, samplesOf } from './prompt-questions.ts';
import type { CampaignInput } from './campaign.ts';

/** One clip of a campaign, planned. */
export interface SamplePlan {
  readonly sample: number;
  readonly seed: number;
  /** What makes the clip, each after the ones it depends on. */
  readonly clip: readonly StageTask[];
  /** The last of them, whose frames are measured. */
  readonly frames: InterpTask | DecodeTask;
  readonly measure: MeasureTask;
}

/** What planning the clips of one prompt takes. */
export type PromptSettings = Pick<
  CampaignInput,
  'models' | 'alternatives' | 'template' | 'fps' | 'samples' | 'interpolated'
>;

/** What the prompts of a campaign have in common. */
export function promptSettings(input: CampaignInput): PromptSettings {
  const { models, alternatives, template, fps, samples, interpolated } = input;
  return {
    models,
    template,
    fps,
    samples,
    ...(alternatives === undefined ? {} : { alternatives }),
    ...(interpolated === true ? { interpolated } : {}),
  };
}

/**
 * The clips of one prompt. Seeds follow from prompt and number alone, so campaigns with other settings make their clips from the same
 * noise and can be compared in pairs. Pure.
 *
 * @throws PipelineError as `planStory` does.
 */
export function planSamples(entry: SuitePrompt, settings: PromptSettings): readonly SamplePlan[] {
  const { prompt_en: prompt } = entry;
  const { models, alternatives, template, fps, samples, interpolated } = settings;
  const shots = Array.from({ length: samplesOf(entry, samples) }, (_, sample): Shot => {
    const seed = seedOf({ seed: template.sampling.seed, prompt, sample });
    return {
      ...template,
      id: `sample-${sample}`,
      prompt,
      sampling: { ...template.sampling, seed },
      join: sample === 0 ? null : { kind: 'cut' },
    };
  });
  const script: StoryScript = {
    title: prompt,
    output: { ...models.native, fps },
    models: models.name,
    shots,
    ...(alternatives === undefined ? {} : { alternatives }),
  };
  return planMadeStory(script, models).shots.map((shot, sample) => {
    const clip = interpolated === true ? interpolatedClip(shot, fps) : keyClip(shot, fps, models);
    return {
      sample,
      seed: shot.base.params.seed,
      clip: clip.tasks,
      frames: clip.frames,
      measure: planMeasure(clip, prompt, models, questionsOf(entry)),
    };
  });
}

/** Workflow id of a campaign. It follows from all that decides its scores: the same campaign twice finds the first. */
export function campaignIdOf(input: CampaignInput): string {
  const recipe = { prompts: input.prompts, ...promptSettings(input) };
  return `campaign-${slugOf(input.suite)}-${hashOf(recipe).slice(0, 12)}`;
}

function slugOf(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 40) || 'suite';
}
