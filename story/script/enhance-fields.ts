import { z } from 'zod';
import { oneOf, realNumber, wholeNumber, words, yesOrNo } from './script-fields.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from './script-limits.ts';
import { colourFixes, enhanceSamplers, enhanceTiles } from './script.ts';
import type { EnhanceSettings } from './script.ts';

/** The schema of what a script may say of the enhancement of a shot. */

const timeRule = `time is how many frames are made of one: 1 enhances the interpolated clip, 4 makes the frames between the key frames itself, in place of the interpolation; other whole numbers up to ${limits.maxEnhanceTime} make another rate`;

/** Keys of `enhance` when it is a map. */
export const enhanceFields = {
  scale: realNumber(
    `scale is by how much the frames are enlarged before the model works on them, a number from 1 to ${limits.maxEnhanceScale}`,
    1,
    limits.maxEnhanceScale,
  )
    .describe('How much larger frames are made before the enhancer works on them.')
    .optional(),
  time: wholeNumber(timeRule, 1, limits.maxEnhanceTime)
    .describe(
      'Frames made of one. 1 enhances the interpolated clip. 4 also makes the frames between the key frames, in place of the interpolation; 2 … 8 make as many of each.',
    )
    .optional(),
  strength: realNumber(
    'strength is how freely the model paints, a number from 0 (not at all: no enhancement) to 1',
    0,
    1,
  )
    .describe('How freely the enhancer paints. 0 leaves enhancement out.')
    .optional(),
  colour: oneOf(
    'colour is how frames get back the colours of what they were made from: wavelet, adain or none',
    colourFixes,
  )
    .describe('What frames take back from what they were made from: coarse colours, mean and contrast, or nothing.')
    .optional(),
  as: oneOf('as is paper: what is not said is as the authors run their model', ['paper'] as const)
    .describe('What is not said is as the authors of VEnhancer run it (`paper`).')
    .optional(),
  noise: realNumber(
    `noise is VEnhancer's noise augmentation, how little of the frames the model is shown, a number from 0 to ${limits.maxEnhanceNoise}`,
    0,
    limits.maxEnhanceNoise,
  )
    .describe('Noise on the frames that the model is shown (`noise_aug`). Unsaid, it follows from `strength`.')
    .optional(),
  told: realNumber(
    `told is by how much the model is told that frames were enlarged, a number from 1 to ${limits.maxEnhanceScale}`,
    1,
    limits.maxEnhanceScale,
  )
    .describe('By how much the model is told that frames were enlarged (`s_cond`). Unsaid, what the set says.')
    .optional(),
  steps: wholeNumber(
    `steps is how many steps the enhancer takes, a whole number from 1 to ${limits.maxSteps}`,
    1,
    limits.maxSteps,
  )
    .describe('Evenly spread steps, in place of those of the set.')
    .optional(),
  guidance: realNumber(
    `guidance is how strictly the enhancer follows the words, a number from 0 to ${limits.maxGuidance}`,
    0,
    limits.maxGuidance,
  )
    .describe('How strictly the enhancer follows the words.')
    .optional(),
  sampler: oneOf('sampler of an enhancer is dpmpp-2m-sde or heun', enhanceSamplers)
    .describe('How the enhancer steps.')
    .optional(),
  suffix: words(
    `suffix is what stands behind the prompt, at most ${limits.enhanceWords} characters`,
    0,
    limits.enhanceWords,
  )
    .describe('Words behind the prompt, in place of those of the set; may be empty.')
    .optional(),
  negative: words(
    `negative is what the enhancer goes away from, at most ${limits.enhanceWords} characters`,
    0,
    limits.enhanceWords,
  )
    .describe('Words that the enhancer goes away from, in place of those of the set; may be empty.')
    .optional(),
  tile: oneOf(
    'tile is the share of the side of the tiles that the model sees at once: whole, half or quarter',
    enhanceTiles,
  )
    .describe('Smaller tiles take less memory, and make other pictures.')
    .optional(),
};

/** What `as: paper` says: `enhance_a_video.py` of ueoo/VEnhancer @f03c69c and asi-xia/VEnhancer @f779e16. */
const asPaper = {
  scale: 3,
  time: 4,
  strength: 1,
  colour: 'none',
  noise: 250,
  told: 8,
  guidance: 7.5,
  sampler: 'dpmpp-2m-sde',
} as const;

const enhanceRule = 'enhance is true, false, or a map with scale, time, strength, colour and others';

/** The key `enhance` of a shot and of the defaults. */
export const enhanceField = z
  .union([yesOrNo(enhanceRule), z.strictObject(enhanceFields, { error: enhanceRule })], { error: enhanceRule })
  .describe(
    'Lets the enhancer of the model set paint the frames anew before they are enlarged. `true` takes the defaults below.',
  )
  .optional();

/** What a script says of it. */
export type WrittenEnhance = z.output<typeof enhanceField>;

/**
 * The settings of a shot; a shot's keys win over those of the defaults one by one. Nothing when it is off: unsaid, `false`,
 * or of strength 0.
 */
export function normalEnhance(ofShot: WrittenEnhance, ofStory: WrittenEnhance): { readonly enhance?: EnhanceSettings } {
  const written = ofShot ?? ofStory ?? false;
  if (written === false) return {};
  const { as, ...said } = { ...membersOf(ofStory), ...membersOf(ofShot) };
  const keys: Partial<EnhanceSettings> = as === 'paper' ? { ...asPaper, ...said } : said;
  const enhance: EnhanceSettings = {
    ...keys,
    scale: keys.scale ?? defaults.enhanceScale,
    time: keys.time ?? 1,
    strength: keys.strength ?? defaults.enhanceStrength,
    colour: keys.colour ?? 'wavelet',
  };
  return enhance.strength === 0 ? {} : { enhance };
}

function membersOf(written: WrittenEnhance): Partial<EnhanceSettings> & { readonly as?: 'paper' } {
  return typeof written === 'object' ? (written as Partial<EnhanceSettings>) : {};
}
