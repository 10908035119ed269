import type { Join, SamplingSettings, Shot, StoryScript } from '../../story/script/script.ts';

const sampling: SamplingSettings = {
  seed: 7,
  quality: 'standard',
  sampler: null,
  steps: null,
  guidance: null,
  rescale: null,
  negative: '',
  freeu: null,
};

/** A join that shows all of its clip: 59 frames between two keys that are its neighbours', at 24 per second. */
export const exampleJoin: Join = { kind: 'seine', prompt: 'smooth transition', known: 1, seconds: 59 / 24 };

/** A story for tests: as many shots as there are joins (the first is ignored), all different. */
export function exampleStory(joins: readonly Join[]): StoryScript {
  const shots = joins.map((join, index): Shot => ({
    id: `shot-${index}`,
    prompt: `a red ball on the left number ${index}`,
    sampling: { ...sampling, seed: index },
    join: index === 0 ? null : join,
  }));
  return { title: 'Example', output: { width: 3840, height: 2160, fps: 24 }, models: 'example', shots };
}
