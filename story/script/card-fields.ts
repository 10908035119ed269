import { z } from 'zod';
import { isPlainText } from './plain-text.ts';
import { realNumber, words, yesOrNo } from './script-fields.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from './script-limits.ts';
import type { Card } from './script.ts';

/** The schema of cards, and their normal form. */

const textRule = `a card has a text of 1 to ${limits.titleLength} characters`;
const text = words(textRule, 1, limits.titleLength);
const colourRule = 'background is black, white or a colour such as #1b2a49';

/** Keys of a card. */
export const cardFields = {
  text: z
    .string({ error: textRule })
    .min(1, { error: textRule })
    .max(limits.titleLength, { error: textRule })
    .refine((value) => isPlainText(value.replaceAll('\n', ' ')), { error: textRule })
    .describe('The words; line breaks stay.'),
  subtitle: words(`a subtitle is a text of 1 to ${limits.subtitleLength} characters`, 1, limits.subtitleLength)
    .describe('Smaller words under them.')
    .optional(),
  seconds: realNumber(
    `seconds is how long a card lasts, a number from ${limits.minCardSeconds} to ${limits.maxCardSeconds}`,
    limits.minCardSeconds,
    limits.maxCardSeconds,
  )
    .describe('How long it lasts, to the frame.')
    .optional(),
  background: z
    .string({ error: colourRule })
    .regex(/^(black|white|#[0-9a-fA-F]{6})$/, { error: colourRule })
    .meta({ title: 'colour' })
    .describe('Colour behind the words, which are white or black, as has more contrast.')
    .optional(),
  fade: realNumber(
    `fade is how long a card takes to come from black and to go, a number of seconds from 0 to ${limits.maxJoinSeconds}`,
    0,
    limits.maxJoinSeconds,
  )
    .describe('How long it takes to come from black, and to go to black; 0 is a cut.')
    .optional(),
};

const cardMap = z.strictObject(cardFields, {
  error: 'a card is a text, or a map with text, subtitle, seconds, background and fade',
});

/** Cards of a story. */
export const storyCards = {
  opening: z
    .union([yesOrNo('opening is true (the title of the story), a text, or a map'), text, cardMap], {
      error:
        'opening is true (the title of the story), a text, or a map with text, subtitle, seconds, background and fade',
    })
    .describe(
      'Title card before the first shot: words at the size of the film, from black and to black. `true` has the title of the story.',
    )
    .optional(),
  closing: z
    .union([text, cardMap], { error: 'closing is a text, or a map with text, subtitle, seconds, background and fade' })
    .describe('End card after the last shot.')
    .optional(),
};

/** The card before a shot. */
export const shotCard = z
  .union([text, cardMap], { error: 'card is a text, or a map with text, subtitle, seconds, background and fade' })
  .describe('Card before the shot, which then has no join.')
  .optional();

type WrittenCard = string | z.output<typeof cardMap>;

/** A card in its normal form. */
export function normalCard(written: WrittenCard): Card {
  const {
    text: words,
    subtitle,
    seconds,
    background,
    fade,
  } = typeof written === 'string' ? { text: written } : written;
  return {
    text: words.trim(),
    ...(subtitle === undefined ? {} : { subtitle }),
    seconds: seconds ?? defaults.cardSeconds,
    background: colourOf(background ?? 'black'),
    fade: fade ?? defaults.cardFade,
  };
}

function colourOf(name: string): string {
  if (name === 'black') return '#000000';
  return name === 'white' ? '#ffffff' : name.toLowerCase();
}
