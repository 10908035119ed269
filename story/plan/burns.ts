import type { StoryScript } from '../script/script.ts';
import { type Cue, cuesOf } from './captions.ts';
import type { CardPlan, JoinPlan, PlannedBurn, ShotPlan, TimelineEntry } from './plan.ts';
import { taskOf } from './task-key.ts';
import { type BurntCue, type BurnTask, nameOf } from './task.ts';

/**
 * The segments of a film that have captions burnt in: each becomes another segment, which is decoded, drawn on and encoded again. Those
 * without a caption stay, and so do the segments themselves: a changed caption makes no frame anew.
 */
export function planBurns(
  script: StoryScript,
  timeline: readonly TimelineEntry[],
  items: readonly (ShotPlan | JoinPlan | CardPlan)[],
): readonly PlannedBurn[] {
  // A film that is encoded anew gets its words on the way.
  if (script.output.captions !== 'burn' || script.output.encoding !== undefined) return [];
  const cues = cuesOf(script, timeline);
  const { width, height, fps } = script.output;
  return items.flatMap((item, index) => {
    const entry = timeline[index];
    if (item.kind === 'card' || entry === undefined) return [];
    let first = entry.firstFrame;
    return item.segments.flatMap((segment) => {
      const [from, frames] = [first, segment.params.count];
      first += frames;
      const over = cuesOver(cues, from, frames);
      if (over.length === 0) return [];
      const task = taskOf<BurnTask>({
        stage: 'burn',
        params: {
          width,
          height,
          fps,
          frames,
          cues: over,
          ...(script.language === undefined ? {} : { language: script.language }),
        },
        inputs: [nameOf(segment)],
        packages: {},
      });
      return [{ item: entry.item, task }];
    });
  });
}

/** The captions over a run of film frames, counted from its first. */
export function cuesOver(cues: readonly Cue[], from: number, frames: number): readonly BurntCue[] {
  return cues
    .filter((cue) => cue.from < from + frames && cue.until > from)
    .map((cue) => ({ from: Math.max(0, cue.from - from), until: Math.min(frames, cue.until - from), text: cue.text }));
}
