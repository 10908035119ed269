import type { OutputSettings, Quality, StoryScript } from '../story/script.ts';
import { seedOf } from '../story/task-key.ts';

/** What the command line may say over the script. */
export interface ScriptOverrides {
  readonly output?: Pick<OutputSettings, 'width' | 'height'>;
  readonly models?: string;
  /** As if the script said `defaults.seed`, and no shot had a seed of its own. */
  readonly seed?: number;
  /** As if every shot said it. */
  readonly quality?: Quality;
}

/** The script with the overrides in it. It is another story then, with another id. */
export function applyOverrides(script: StoryScript, { output, models, seed, quality }: ScriptOverrides): StoryScript {
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
      },
    })),
  };
}
