import { z } from 'zod';
import { oneOf, realNumber, yesOrNo } from './script-fields.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from './script-limits.ts';
import { colourFixes } from './script.ts';
import type { EnhanceSettings } from './script.ts';

/** The schema of what a script may say of the enhancement of a shot. */

const timeRule =
  'time is how many frames are made of one: 1 enhances the interpolated clip, 4 makes the frames between the key frames itself, in place of the interpolation';

/** Keys of `enhance` when it is a map. */
export const enhanceFields = {
  scale: realNumber(
    `scale is by how much the frames are enlarged before the model works on them, a number from 1 to ${limits.maxEnhanceScale}`,
    1,
    limits.maxEnhanceScale,
  )
    .describe('How much larger frames are made before the enhancer works on them.')
    .optional(),
  time: z
    .literal([1, 4], { error: timeRule })
    .describe(
      'Frames made of one. 1 enhances the interpolated clip. 4 also makes the frames between the key frames, in place of the interpolation.',
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
};

const enhanceRule = 'enhance is true, false, or a map with scale, time, strength and colour';

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
  const keys = { ...membersOf(ofStory), ...membersOf(ofShot) };
  const enhance: EnhanceSettings = {
    scale: keys.scale ?? defaults.enhanceScale,
    time: keys.time ?? 1,
    strength: keys.strength ?? defaults.enhanceStrength,
    colour: keys.colour ?? 'wavelet',
  };
  return enhance.strength === 0 ? {} : { enhance };
}

function membersOf(written: WrittenEnhance): Partial<EnhanceSettings> {
  return typeof written === 'object' ? (written as Partial<EnhanceSettings>) : {};
}
