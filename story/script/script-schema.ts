import { z } from 'zod';
import { enhanceField, enhanceFields } from './enhance-fields.ts';
import { gateField, gateKeys } from './gate-fields.ts';
import { continueFields, givenFields } from './given-fields.ts';
import { subjectFields, subjects } from './subject-fields.ts';
import { identifier, oneOf, realNumber, wholeNumber, words, yesOrNo } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';
import { freeInitFilters, qualities, samplerKinds } from './script.ts';

/** The story script as people write it: shorthands allowed, defaults left out. `parseScript` makes a `StoryScript` of it. */

const side = (name: string) => {
  const rule = `${name} is an even whole number of pixels from ${limits.minSide} to ${limits.maxSide}`;
  return wholeNumber(rule, limits.minSide, limits.maxSide).multipleOf(2, { error: rule });
};

/** The rule of every prompt, which a shot without one breaks too. */
export const promptRule = `a prompt is a text of 1 to ${limits.promptLength} characters without control characters`;

const prompt = words(promptRule, 1, limits.promptLength);

const factor = realNumber(`a FreeU factor is a number from 0 to ${limits.maxFreeU}`, 0, limits.maxFreeU);

const outputFields = {
  width: side('a width').optional(),
  height: side('a height').optional(),
  fps: wholeNumber(
    `fps is a whole number of frames per second from ${limits.minFps} to ${limits.maxFps}`,
    limits.minFps,
    limits.maxFps,
  ).optional(),
  upscaler: oneOf(
    'upscaler is model (the upscaler of the model set, when nothing is said) or lanczos (a plain filter)',
    ['model', 'lanczos'],
  ).optional(),
};

const freeuFields = { b1: factor, b2: factor, s1: factor, s2: factor };

const joinFields = {
  kind: oneOf('the kind of a join is seine, dissolve or cut', ['seine', 'dissolve', 'cut']),
  prompt: prompt.optional(),
  known: wholeNumber(
    `known is how many latent frames a seine join keeps at each end, a whole number from 1 to ${limits.maxKnown}`,
    1,
    limits.maxKnown,
  ).optional(),
};

const joinRule = 'a join is seine, dissolve or cut, or a map with kind, prompt and known';
const join = z
  .union([oneOf(joinRule, ['seine', 'dissolve', 'cut']), z.strictObject(joinFields, { error: joinRule })], {
    error: joinRule,
  })
  .describe('how a shot joins the one before it; a generated transition (seine) when nothing is said');

/** `a, b or c` */
function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

const promptsRule = 'prompts is a map of places in the shot, from 0 (its beginning) to 1 (its end), to prompts';

const freenoiseFields = { weights: oneOf('weights is pyramid or flat', ['pyramid', 'flat']) };
const freenoiseRule = 'freenoise is true, false, or a map with weights';

const stopFrequency = (key: string) =>
  realNumber(
    `${key} is a stop frequency of FreeInit's filter, a number from ${limits.minStopFrequency} to 1`,
    limits.minStopFrequency,
    1,
  ).optional();

const freeinitFields = {
  iterations: wholeNumber(
    `iterations is how often FreeInit samples a clip, a whole number from ${limits.minIterations} to ${limits.maxIterations}`,
    limits.minIterations,
    limits.maxIterations,
  ).optional(),
  filter: oneOf(`a filter is ${listed(freeInitFilters)}`, freeInitFilters).optional(),
  order: wholeNumber(
    `order is how steep a butterworth filter is, a whole number from 1 to ${limits.maxFilterOrder}`,
    1,
    limits.maxFilterOrder,
  ).optional(),
  spatial: stopFrequency('spatial'),
  temporal: stopFrequency('temporal'),
  coarseToFine: yesOrNo('coarseToFine is true or false: whether earlier iterations have fewer steps').optional(),
  show: wholeNumber(
    `show is the iteration that the shot shows, a whole number from 1 to ${limits.maxIterations}; the last when nothing is said, earlier ones are previews`,
    1,
    limits.maxIterations,
  ).optional(),
};
const freeinitRule = `freeinit is true, false, or a map with ${Object.keys(freeinitFields).join(', ')}`;

const freeuRule = 'freeu is true, false, or a map with b1, b2, s1 and s2';

const samplingFields = {
  seed: wholeNumber(
    `a seed is a whole number from 0 to ${limits.maxSeed}; without one it follows from the id of the shot`,
    0,
    limits.maxSeed,
  ).optional(),
  quality: oneOf(
    `a quality is ${listed(qualities)}: a preset of the model for sampler, steps, guidance, FreeU and FreeInit; settings of their own win`,
    qualities,
  ).optional(),
  sampler: oneOf(`a sampler is ${listed(samplerKinds)}`, samplerKinds).optional(),
  steps: wholeNumber(
    `steps is a whole number of denoising steps from 1 to ${limits.maxSteps}`,
    1,
    limits.maxSteps,
  ).optional(),
  guidance: realNumber(`guidance is a number from 0 to ${limits.maxGuidance}`, 0, limits.maxGuidance).optional(),
  rescale: realNumber(
    'rescale is how far guidance is brought back to the contrast of the prediction, a number from 0 to 1',
    0,
    1,
  ).optional(),
  freeu: z
    .union([yesOrNo(freeuRule), z.strictObject(freeuFields, { error: freeuRule })], { error: freeuRule })
    .describe(freeuRule)
    .optional(),
  freeinit: z
    .union([yesOrNo(freeinitRule), z.strictObject(freeinitFields, { error: freeinitRule })], { error: freeinitRule })
    .describe(
      `whether a shot is sampled again from noise that has seen it, which steadies it and costs as often; among defaults it concerns shots made from words alone; ${freeinitRule}`,
    )
    .optional(),
  negative: words(
    `a negative prompt is a text of at most ${limits.promptLength} characters without control characters`,
    0,
    limits.promptLength,
  ).optional(),
  enhance: enhanceField,
  join: join.optional(),
  gate: gateField,
};

const shotFields = {
  id: identifier(
    `an id has 1 to ${limits.idLength} lower-case letters, digits and hyphens and begins with a letter or digit`,
    limits.idLength,
  ),
  prompt: prompt.optional(),
  prompts: z.record(z.string(), prompt, { error: promptsRule }).describe(promptsRule).optional(),
  seconds: realNumber(
    `seconds is how long a shot lasts, a number from ${limits.minSeconds} to ${limits.maxSeconds}`,
    limits.minSeconds,
    limits.maxSeconds,
  ).optional(),
  freenoise: z
    .union([yesOrNo(freenoiseRule), z.strictObject(freenoiseFields, { error: freenoiseRule })], {
      error: freenoiseRule,
    })
    .describe('how a shot is made that is longer than one clip of its model')
    .optional(),
  ...givenFields,
  ...samplingFields,
};

const map = (name: string) => `${name} is a map of keys and values`;

const modelsRule =
  'models is the name of a model set (lower-case letters, digits and hyphens), or a map with set and base, the name of an alternative that the set has for it';

const modelsFields = {
  set: identifier('set is the name of a model set: lower-case letters, digits and hyphens', limits.idLength).optional(),
  base: identifier(
    'base is the name of an alternative base model of the set: lower-case letters, digits and hyphens',
    limits.idLength,
  ).optional(),
};

const storyFields = {
  title: words(`a title is a text of 1 to ${limits.titleLength} characters`, 1, limits.titleLength).optional(),
  output: z.strictObject(outputFields, { error: map('output') }).optional(),
  models: z
    .union([identifier(modelsRule, limits.idLength), z.strictObject(modelsFields, { error: modelsRule })], {
      error: modelsRule,
    })
    .describe(modelsRule)
    .optional(),
  subjects: subjects.optional(),
  defaults: z
    .strictObject(samplingFields, { error: map('defaults') })
    .describe('what every shot gets that does not say otherwise')
    .optional(),
  shots: z
    .array(z.strictObject(shotFields, { error: map('a shot') }), { error: 'shots is a list' })
    .min(1, { error: 'a story has at least one shot' })
    .max(limits.shots, { error: `a story has at most ${limits.shots} shots` })
    .describe('the shots in the order of the film'),
};

/** Schema of a script file. */
export const writtenScript = z.strictObject(storyFields, { error: map('a story script') });

/** A script that passed the schema, before defaults. */
export type WrittenScript = z.output<typeof writtenScript>;

/** The keys of each map of a script, by the key it stands under. */
export const knownKeys: Readonly<
  Record<
    | 'story'
    | 'output'
    | 'models'
    | 'subject'
    | 'defaults'
    | 'shot'
    | 'join'
    | 'continue'
    | 'freeu'
    | 'freeinit'
    | 'freenoise'
    | 'gate'
    | 'enhance',
    readonly string[]
  >
> = {
  story: Object.keys(storyFields),
  output: Object.keys(outputFields),
  models: Object.keys(modelsFields),
  subject: Object.keys(subjectFields),
  defaults: Object.keys(samplingFields),
  shot: Object.keys(shotFields),
  join: Object.keys(joinFields),
  continue: Object.keys(continueFields),
  freeu: Object.keys(freeuFields),
  freeinit: Object.keys(freeinitFields),
  freenoise: Object.keys(freenoiseFields),
  gate: Object.keys(gateKeys),
  enhance: Object.keys(enhanceFields),
};

/** The JSON Schema (draft 7, which editors know best) of a script file. */
export function scriptJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(writtenScript, { target: 'draft-7', io: 'input' });
  // What zod cannot say: `parseScript` finds it, and editors learn it here.
  const shot = schema.properties?.['shots'] as { items: Record<string, unknown> };
  shot.items['anyOf'] = [{ required: ['prompt'] }, { required: ['prompts'] }];
  return { ...schema, title: 'Shotline story script', description: 'A story in shots, to be made into one film.' };
}
