import type { OutputSettings, Quality, SamplingSettings, StoryScript } from '../../story/script/script.ts';
import { seedOf } from '../../story/script/content-hash.ts';

/** What the command line may say over the script. */
export interface ScriptOverrides {
  readonly output?: Pick<OutputSettings, 'width' | 'height'>;
  readonly models?: string;
  /** As if the script said `defaults.seed`, and no shot had a seed of its own. */
  readonly seed?: number;
  /** As if every shot said it. */
  readonly quality?: Quality;
  /** Which iteration the shots with FreeInit show: a preview, whose work the whole render shares. */
  readonly iteration?: number;
}

/** The script with the overrides in it. It is another story then, with another id. */
export function applyOverrides(
  script: StoryScript,
  { output, models, seed, quality, iteration }: ScriptOverrides,
): StoryScript {
  return {
    ...script,
    models: models ?? script.models,
    output: { ...script.output, ...output },
    shots: script.shots.map((shot) => ({
      ...shot,
      sampling: {
        ...shot.sampling,
        seed: seed === undefined ? shot.sampling.seed : seedOf({ seed, shot: shot.id }),
        quality: quality ?? shot.sampling.quality,
        ...shownIteration(shot.sampling, iteration),
      },
    })),
  };
}

function shownIteration(
  { freeinit = false }: SamplingSettings,
  iteration: number | undefined,
): Pick<SamplingSettings, 'freeinit'> {
  if (iteration === undefined || freeinit === false) return {};
  return { freeinit: { ...(freeinit === true ? {} : freeinit), show: iteration } };
}
