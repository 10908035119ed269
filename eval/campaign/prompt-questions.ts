import type { Questions } from '../../story/models/questions.ts';
import { coloredObject } from '../formulas/color.ts';
import type { SuitePrompt } from '../suite.ts';

/** What a prompt's labels ask of models that read words, in the dimensions that the prompt is there for. */
export function questionsOf({ prompt_en: prompt, dimension, auxiliary_info: labels = {} }: SuitePrompt): Questions {
  const { object, color, appearance_style: style, sides, spatial_relationship: placed } = labels;
  const relation = placed?.spatial_relationship;
  const answers: Questions = {
    ...(style !== undefined && { appearance_style: style }),
    ...(object !== undefined && { object_class: object, multiple_objects: object }),
    ...(color !== undefined && { color: { object: object ?? coloredObject(prompt, color), color } }),
    ...(relation !== undefined && {
      spatial_relationship: {
        objectA: relation.object_a,
        objectB: relation.object_b,
        relationship: relation.relationship,
        ...(sides === true && { sides }),
      },
    }),
  };
  const asked = Object.entries(answers).filter(([name]) => dimension.some((each) => each === name));
  return { ...Object.fromEntries(asked), ...(isAboutFlicker(dimension) && { still: true }) };
}

/**
 * Whether a prompt is there for flicker and nothing else, as VBench's are: its clips are five times as many, and those that move do not
 * count (Vchitect/VBench @45e79ec, README.md, "25 videos for each prompt", and `static_filter.py`).
 */
export function isAboutFlicker(dimension: SuitePrompt['dimension']): boolean {
  return dimension.length === 1 && dimension[0] === 'temporal_flickering';
}

/** Clips of a prompt, where most have `samples`. */
export function samplesOf({ dimension }: SuitePrompt, samples: number): number {
  return isAboutFlicker(dimension) ? 5 * samples : samples;
}

/** Clips of a whole suite. */
export function clipsOfSuite(prompts: readonly SuitePrompt[], samples: number): number {
  return prompts.reduce((sum, prompt) => sum + samplesOf(prompt, samples), 0);
}
