import { interpolatedClip, planMeasure } from '../../story/plan/plan-measure.ts';
import { planStory, replanShot } from '../../story/plan/plan-story.ts';
import { rerolled } from '../../story/script/script-edits.ts';
import { namedKeys } from '../../storage/garbage/named-keys.ts';
import type { StoryRecipe } from '../../workflows/contracts.ts';

/** Every key that a story may read or write: of its plan, of its uploads, and of every take that a gate may ask for. */
export function keysOfRecipe({ script, models }: StoryRecipe): ReadonlySet<string> {
  const plan = planStory(script, models);
  const texts = [JSON.stringify(script), JSON.stringify(plan)];
  for (const { id, gate } of script.shots) {
    if (gate === undefined) continue;
    let take = script;
    for (let retry = 0; retry <= gate.retries; retry++) {
      const shot = replanShot(id, take, models, plan);
      const clip = interpolatedClip(shot, script.output.fps);
      texts.push(JSON.stringify(clip.tasks), JSON.stringify(planMeasure(clip, shot.base.params.prompt, models)));
      take = rerolled(take, { shot: id });
    }
  }
  return namedKeys(texts.join('\n'));
}
