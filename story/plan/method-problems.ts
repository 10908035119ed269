import { subjectOf } from '../script/placeholders.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import type { SamplingSettings, Shot, StoryScript } from '../script/script.ts';

/** Methods that shots ask for and the models that make them do not know. */
export function methodProblems(script: StoryScript, { name, denoisers }: ModelSetRef): ScriptProblem[] {
  return script.shots.flatMap((shot, index) => {
    if (shot.clip !== undefined) return [];
    const role = roleOf(shot, script);
    if (shot.sampling.as !== undefined && denoisers[role]?.paper === undefined) {
      const where = `shots[${index}].as`;
      const found = `is paper, and the ${role} package of "${name}" does not say how its authors sample it`;
      const rule = 'take as out of the shot and of defaults, or convert the published files again (docs/gpu.md)';
      return [{ path: where, line: null, message: `${where} ${found}; ${rule}` }];
    }
    if (denoisers[role]?.freeu !== false || !isOn(shot.sampling.freeu)) return [];
    const choice =
      role === 'base' && script.alternatives?.base !== undefined ? ` with base ${script.alternatives.base}` : '';
    const found = `is on, and the ${role} model of "${name}"${choice} has no skip connections for it to work on`;
    const next = 'take freeu out of the shot and of defaults, or choose another base';
    return [planProblem(`shots[${index}].freeu`, `${found}; ${next}`)];
  });
}

function roleOf(shot: Shot, script: StoryScript): 'base' | 'subject' | 'transition' {
  if (shot.pictures !== undefined || shot.join?.kind === 'continue') return 'transition';
  return subjectOf(shot, script.subjects) === null ? 'base' : 'subject';
}

/** Four ones change nothing, so they are not asking for anything. */
function isOn(freeu: SamplingSettings['freeu']): boolean {
  if (typeof freeu !== 'object' || freeu === null) return freeu === true;
  return Object.values(freeu).some((factor) => factor !== 1);
}
