import { madeShots } from '../../story/plan/plan.ts';
import type { MadeShot } from '../../story/plan/plan.ts';
import type { EnhanceTask, SegmentTask } from '../../story/plan/task.ts';
import { Workbench, type WorkbenchOptions } from '../../test/harness/workbench.ts';
import { paintedClip } from './painted-clip.ts';

/** Entry file of the engine that enhances and upscales. */
export const srEngine = 'workers/sr/engine.ts';

/** A part of an enhanced shot: its frames, and the segment that is made of them. */
export interface Part {
  readonly enhance: EnhanceTask;
  readonly segment: SegmentTask;
}

/** What a shot is enhanced to. */
export interface EnhancedShot {
  readonly width: number;
  readonly height: number;
  readonly strength: number;
  /** One clip, of 61 frames, when absent. */
  readonly seconds?: number;
}

/** A story of one enhanced shot. */
export function enhancedStory({ width, height, strength, seconds }: EnhancedShot): string {
  return [
    'title: Enhanced',
    `output: { width: ${String(width)}, height: ${String(height)}, fps: 24 }`,
    'shots:',
    '  - id: shot',
    '    prompt: a red ball rolls to the right on the grass by day',
    `    enhance: { scale: 2, strength: ${String(strength)} }`,
    '    steps: 1',
    ...(seconds === undefined ? [] : [`    seconds: ${String(seconds)}`]),
  ].join('\n');
}

/** A workbench with one enhanced shot, whose frames are painted and need not be made. */
export async function openEnhanced(
  shot: EnhancedShot,
  engine: WorkbenchOptions['engine'] = {},
): Promise<{ bench: Workbench; parts: readonly Part[] }> {
  const bench = await Workbench.open({ story: enhancedStory(shot), engine });
  const plan = madeShots(bench.plan)[0]!;
  await bench.give(plan.interp.key, paintedClip(plan.interp.params.frames));
  return { bench, parts: partsOf(plan) };
}

/** The parts of an enhanced shot, in film order. */
export function partsOf({ enhance = [], segments }: MadeShot): readonly Part[] {
  return segments.map((segment, index) => ({ enhance: enhance[index]!, segment }));
}
