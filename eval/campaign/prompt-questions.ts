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
  return Object.fromEntries(Object.entries(answers).filter(([name]) => dimension.some((each) => each === name)));
}
