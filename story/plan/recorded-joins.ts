import { interpolatedFrames, mostSeineFrames } from './frame-runs.ts';
import type { ShotSpan } from './frame-runs.ts';
import type { Join, StoryScript } from '../script/script.ts';

/**
 * A script whose seine joins all have seconds. Normal forms before commit 85c28b5 had none, and meant: as long as a clip of the model
 * makes it. Such scripts are in histories of Temporal and in stored stories, and what they plan must stay what it was. This is the one
 * place that knows it.
 *
 * @param spans What its shots show.
 * @param numKeys Base frames of one clip of the model.
 */
export function withJoinSeconds(script: StoryScript, spans: readonly ShotSpan[], numKeys: number): StoryScript {
  const { fps } = script.output;
  const secondsOf = (join: Join & { readonly kind: 'seine' }, index: number): number =>
    (mostSeineFrames(join.known, interpolatedFrames(numKeys), fps) - (spans[index - 1]?.cut?.lent ?? 0)) / fps;
  return {
    ...script,
    shots: script.shots.map((shot, index) => {
      const { join } = shot;
      if (join?.kind !== 'seine' || hasSeconds(join)) return shot;
      return { ...shot, join: { ...join, seconds: secondsOf(join, index) } };
    }),
  };
}

function hasSeconds(join: { readonly seconds?: number }): boolean {
  return join.seconds !== undefined;
}
