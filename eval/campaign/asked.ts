import type { Asked } from '../../story/asked.ts';
import type { SuitePrompt } from '../suite.ts';

/** What a prompt's labels ask of models that read words, in the dimensions that the prompt is there for. */
export function askedOf({ dimension, auxiliary_info: labels = {} }: SuitePrompt): Asked {
  const style = labels.appearance_style;
  return {
    ...(dimension.includes('appearance_style') && style !== undefined ? { appearance_style: style } : {}),
  };
}
