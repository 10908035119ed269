import { clipRate } from '../story/plan/frame-runs.ts';
import { isMade } from '../story/plan/plan.ts';
import type { CardPlan, JoinPlan, ShotPlan } from '../story/plan/plan.ts';
import type { ArtifactName, StageName } from '../story/plan/task.ts';

/** The artifact that poster and preview of an item are made of: the first one that people can look at. */
export interface PictureSource extends ArtifactName {
  readonly stage: StageName;
  /** `frames`: a clip of uncompressed frames; `segment`: an encoded part of the film. */
  readonly kind: 'frames' | 'segment';
  /** Frames of it that the item shows; `null`: all. */
  readonly frames: number | null;
  /** Frames per second of its preview. */
  readonly fps: number;
}

/** Where the pictures of an item come from: its interpolated or mixed clip, seconds after its base clip and long before its segments. */
export function pictureSource(item: ShotPlan | JoinPlan | CardPlan): PictureSource {
  const fps = clipRate;
  if (item.kind === 'shot' && isMade(item) && item.skipsInterp !== true) {
    return { kind: 'frames', stage: 'interp', key: item.interp.key, frames: item.cut?.frames ?? null, fps };
  }
  // Of clips of one's own there are segments alone.
  if (item.kind === 'join' && item.work.kind !== 'mix' && item.skipsInterp !== true) {
    const task = item.work.kind === 'seine' ? item.work.interp : item.work.dissolve;
    return { kind: 'frames', stage: task.stage, key: task.key, frames: null, fps };
  }
  const middle = item.segments[Math.floor(item.segments.length / 2)];
  if (middle === undefined) throw new RangeError(`${item.id} has no segment; every item shows at least one frame`);
  return { kind: 'segment', stage: middle.stage, key: middle.key, frames: null, fps: middle.params.fps };
}
