import { z } from 'zod';
import { oneOf, realNumber, words, yesOrNo } from './script-fields.ts';
import { scriptLimits as limits } from './script-limits.ts';

/** The schema of what a script may say of sound. */

const fileRule = `a sound is a path that starts at the script, or an s3:// address, of at most ${limits.pictureName} characters`;

/** A sound that a script refers to. */
const file = z
  .string({ error: fileRule })
  .min(1, { error: fileRule })
  .max(limits.pictureName, { error: fileRule })
  .refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), { error: fileRule })
  .refine((value) => /^s3:\/\//i.test(value) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(value), { error: fileRule })
  .meta({ title: 'sound' });

const volume = realNumber(
  `volume is a factor, a number from 0 (silent) to ${limits.maxVolume}; 1 leaves a sound as it is`,
  0,
  limits.maxVolume,
)
  .describe('How loud it is: `0.5` is half, `1` as in the file.')
  .optional();

const from = realNumber(
  `from is where in its file a sound begins, a number of seconds from 0 to ${limits.maxSoundSeconds}`,
  0,
  limits.maxSoundSeconds,
)
  .describe('Seconds of the file that are left out at its beginning.')
  .optional();

const delay = realNumber(
  `delay is how long after its shot begins a voice begins, a number of seconds from 0 to ${limits.maxDelay}`,
  0,
  limits.maxDelay,
)
  .describe('Seconds from the beginning of the shot to the first word.')
  .optional();

const fadeSide = (key: string, where: string) =>
  realNumber(`${key} is a number of seconds from 0 to ${limits.maxFade}`, 0, limits.maxFade)
    .describe(`Seconds of the fade ${where}.`)
    .optional();

/** Keys of `soundtrack.fade` when it is a map. */
export const fadeFields = { in: fadeSide('in', 'at the beginning'), out: fadeSide('out', 'at the end') };

const fadeRule = `fade is a number of seconds from 0 to ${limits.maxFade}, or a map with in and out`;

/** Keys of `soundtrack` when it is a map. */
export const soundtrackFields = {
  file: file.describe('The sound.'),
  from,
  volume,
  fade: z
    .union([realNumber(fadeRule, 0, limits.maxFade), z.strictObject(fadeFields, { error: fadeRule })], {
      error: fadeRule,
    })
    .describe('Seconds that it takes to come and to go. A number is both.')
    .optional(),
  loop: yesOrNo('loop is true or false: whether a soundtrack that is shorter than the film begins again')
    .describe('Whether it begins again, at `from`, when it is shorter than the film. To the sample: made for loops.')
    .optional(),
};

/** Keys of a shot's `sound` when it is a map. */
export const soundFields = { file: file.describe('The sound.'), from, volume };

/** Keys of a shot's `narration` when it is a map. */
export const narrationFields = { ...soundFields, delay };

const voiceRule =
  'a voice is a name that the voice package of the model set knows, as en-gb: letters, digits, ".", "_", "+" and "-"';
const voiceName = z
  .string({ error: voiceRule })
  .regex(/^[A-Za-z][A-Za-z0-9._+-]{0,39}$/, { error: voiceRule })
  .meta({ title: 'voice' });
const speed = realNumber(
  `speed is how fast a voice speaks, a number from ${limits.minVoiceSpeed} to ${limits.maxVoiceSpeed}`,
  limits.minVoiceSpeed,
  limits.maxVoiceSpeed,
)
  .describe('How fast it speaks.')
  .optional();

const sayRule = `say is a text of 1 to ${limits.sayLength} characters without control characters, or a map with text, voice, speed, volume and delay`;
const text = words(sayRule, 1, limits.sayLength);

/** Keys of a shot's `say` when it is a map. */
export const sayFields = {
  text: text.describe('What is said.'),
  voice: voiceName.describe("Voice or language. Without it, the story's.").optional(),
  speed,
  volume,
  delay,
};

/** Keys of the story's `voice` when it is a map. */
export const voiceFields = { name: voiceName.describe('Voice or language, as `en-gb` or `de`.').optional(), speed };

const [least, most] = limits.loudness;
const loudnessRule = `loudness is a number of LUFS from ${least} to ${most}, or none, which leaves it as it is`;

/** Keys of `output.audio` when it is a map. */
export const audioFields = {
  codec: oneOf('the codec of sound is aac (every player) or opus (smaller)', ['aac', 'opus'])
    .describe('How sound is coded: `aac`, which every player knows, or `opus`.')
    .optional(),
  loudness: z
    .union([realNumber(loudnessRule, least, most), oneOf(loudnessRule, ['none'])], { error: loudnessRule })
    .describe(
      'How loud the whole film is, LUFS by EBU R 128: -16 for the web, -23 for television. `none` leaves it as it is. Peaks stay below -1.5 dBTP.',
    )
    .optional(),
  silent: yesOrNo('silent is true or false: whether a film without any sound has a silent track')
    .describe('Whether a film without any sound has a silent track, which some editors and sites want.')
    .optional(),
  duck: realNumber(
    `duck is by how many decibels other sounds go down while somebody speaks, a number from 0 to ${limits.maxDuck}`,
    0,
    limits.maxDuck,
  )
    .describe('By how many decibels soundtrack and sounds of shots go down while somebody speaks.')
    .optional(),
};

const audioRule = `audio is aac, opus or silent, or a map with ${Object.keys(audioFields).join(', ')}`;

/** `output.audio` */
export const audio = z
  .union([oneOf(audioRule, ['aac', 'opus', 'silent']), z.strictObject(audioFields, { error: audioRule })], {
    error: audioRule,
  })
  .describe(
    'Sound of the film: its codec and loudness, or `silent`: a silent track, when the story has no sound. A word is its codec.',
  );

const soundtrackRule = `soundtrack is a sound file, or a map with ${Object.keys(soundtrackFields).join(', ')}`;
const soundRule = `sound is a sound file, none, or a map with ${Object.keys(soundFields).join(', ')}`;
const narrationRule = `narration is a sound file, or a map with ${Object.keys(narrationFields).join(', ')}`;

/** Keys of a story that are about sound. */
export const storySoundFields = {
  soundtrack: z
    .union([file, z.strictObject(soundtrackFields, { error: soundtrackRule })], { error: soundtrackRule })
    .describe('Music or another sound under the whole film. It goes down while somebody speaks.')
    .optional(),
  voice: z
    .union([voiceName, z.strictObject(voiceFields, { error: voiceRule })], { error: voiceRule })
    .describe('Voice that speaks what shots `say`: its language or name, as `en-gb` or `de`.')
    .optional(),
};

/** Keys of a shot and of `defaults` that are about sound. */
export const commonSoundFields = {
  sound: z
    .union([file, z.strictObject(soundFields, { error: soundRule })], { error: soundRule })
    .describe(
      'What is heard in the shot, from the join in front of it to the end of the one behind it, in which it fades into the next one. `none` where the defaults have a sound.',
    )
    .optional(),
};

/** Keys of a shot alone that are about sound. */
export const shotSoundFields = {
  narration: z
    .union([file, z.strictObject(narrationFields, { error: narrationRule })], { error: narrationRule })
    .describe('A recorded voice. It begins with the shot, and may go on into the next ones.')
    .optional(),
  say: z
    .union([text, z.strictObject(sayFields, { error: sayRule })], { error: sayRule })
    .describe('What a synthetic voice says, in place of `narration`. The model set has the voice (pocket: espeak-ng).')
    .optional(),
};

/** The keys of each map of sound, by the key it stands under. */
export const soundKeys = {
  soundtrack: Object.keys(soundtrackFields),
  fade: Object.keys(fadeFields),
  sound: Object.keys(soundFields),
  narration: Object.keys(narrationFields),
  say: Object.keys(sayFields),
  voice: Object.keys(voiceFields),
  audio: Object.keys(audioFields),
} as const;

/** What a shot says of sound, as it was written. */
export type WrittenShotSound = z.output<z.ZodObject<typeof commonSoundFields & typeof shotSoundFields>>;

/** What a story says of sound, as it was written. */
export type WrittenStorySound = z.output<z.ZodObject<typeof storySoundFields>>;

/** `output.audio`, as it was written. */
export type WrittenAudio = z.output<typeof audio>;
