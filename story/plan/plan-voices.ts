import type { ModelSetRef, VoiceFacts } from '../models/model-set.ts';
import { nearestWord } from '../script/nearest-word.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import type { StoryScript } from '../script/script.ts';
import type { SpokenNarration } from '../script/sound.ts';
import { taskOf } from './task-key.ts';
import type { SpeechTask } from './task.ts';

/** Shots that say something which no voice of the model set can say. */
export function voiceProblems(script: StoryScript, { name, voice }: ModelSetRef): ScriptProblem[] {
  return script.shots.flatMap(({ narration }, index) => {
    if (narration === undefined || !('text' in narration)) return [];
    const path = `shots[${index}].say`;
    if (voice === undefined) {
      const finding = `is there, and model set "${name}" has no voice; add a package of role voice to models/sets/${name}.json, or give the shot a recording as narration`;
      return [planProblem(path, finding)];
    }
    const { voices } = voice;
    if (narration.voice === undefined || voices === undefined || voices.includes(narration.voice)) return [];
    const nearest = nearestWord(narration.voice, voices);
    const help = nearest === null ? `its voices are ${voices.join(', ')}` : `did you mean ${nearest}?`;
    const finding = `is spoken by ${narration.voice}, which the voice package of "${name}" does not have; ${help}`;
    return [planProblem(path, finding)];
  });
}

/** The task that speaks a narration. */
export function speechTask(
  { text, voice, speed = 1 }: SpokenNarration,
  facts: VoiceFacts,
  packages: ModelSetRef['packages'],
): SpeechTask {
  return taskOf<SpeechTask>({
    stage: 'speech',
    params: { text, program: facts.program, voice: voice ?? facts.voice, speed },
    inputs: [],
    packages: packages.voice === undefined ? {} : { voice: packages.voice },
  });
}
