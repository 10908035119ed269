import { z } from 'zod';
import { captionField, captionFields, captionStyleField } from './caption-fields.ts';
import { cardFields, shotCard, storyCards } from './card-fields.ts';
import { enhanceField, enhanceFields } from './enhance-fields.ts';
import { filmFields } from './film-fields.ts';
import { fpsField } from './frame-rate.ts';
import { gateField, gateKeys } from './gate-fields.ts';
import { continueFields, givenFields } from './given-fields.ts';
import { codecField, encodingFields, fileFields, outputsField } from './output-fields.ts';
import { clipFields, shotClipFields } from './clip-fields.ts';
import { audio, commonSoundFields, shotSoundFields, soundKeys, storySoundFields } from './sound-fields.ts';
import { subjectFields, subjects } from './subject-fields.ts';
import { identifier, oneOf, realNumber, wholeNumber, words, yesOrNo } from './script-fields.ts';
import { namedSize, ratioOf, sizeNames } from './output-size.ts';
import { scriptLimits as limits } from './script-limits.ts';
import { freeInitFilters, qualities, longNoises, samplerKinds, windowWeights, wipeDirections } from './script.ts';

/** The story script as people write it: shorthands allowed, defaults left out. `parseScript` makes a `StoryScript` of it. */

const side = (name: string) => {
  const rule = `${name} is an even whole number of pixels from ${limits.minSide} to ${limits.maxSide}`;
  return wholeNumber(rule, limits.minSide, limits.maxSide).multipleOf(2, { error: rule });
};

function isOutputName(value: string): boolean {
  const size = namedSize(value);
  if (size === null) return false;
  return Object.values(size).every(
    (pixels) => pixels % 2 === 0 && pixels >= limits.minSide && pixels <= limits.maxSide,
  );
}

/** The rule of every prompt, which a shot without one breaks too. */
export const promptRule = `a prompt is a text of 1 to ${limits.promptLength} characters without control characters`;

const prompt = words(promptRule, 1, limits.promptLength);

const factor = realNumber(`a FreeU factor is a number from 0 to ${limits.maxFreeU}`, 0, limits.maxFreeU);

const shapeRule = 'shape is width to height, as 9:16, 1:1 or 2.39:1, from 1:10 to 10:1';
const outputRule = `output is a size (${sizeNames.join(', ')}, or 1920x1080: even sides from ${limits.minSide} to ${limits.maxSide}), a shape (9:16), or a map with width, height, shape, fps, fit, codec, depth, quality, bitrate, captions, upscaler and audio`;

const outputFields = {
  width: side('a width')
    .describe('Width of the film in pixels. Without it, it follows from `height` and `shape`.')
    .optional(),
  height: side('a height')
    .describe(
      `Height of the film in pixels. Without it, it follows from \`width\` and \`shape\`. Width times height is at most ${limits.maxPixels} (7680x4320).`,
    )
    .optional(),
  shape: z
    .string({ error: shapeRule })
    .refine((value) => ratioOf(value) !== null, { error: shapeRule })
    .meta({ title: 'shape' })
    .describe(
      'Width to height, where not both sides are said. Of a shape alone the film has the largest size in 3840x2160, or in 2160x3840 when it is upright.',
    )
    .optional(),
  fit: oneOf('fit is crop (a clip of another shape loses its ends) or pad (it gets black bars)', ['crop', 'pad'])
    .describe(
      'What becomes of clips of another shape than the film (pocket: clips are 16:9): they lose their ends (`crop`; `focus` says which), or get black bars (`pad`). Nothing is ever stretched.',
    )
    .optional(),
  fps: fpsField,
  codec: codecField,
  ...encodingFields,
  captions: captionStyleField,
  upscaler: identifier(
    'upscaler is model (the upscaler of the model set, when nothing is said), lanczos (a plain filter), or the name of an upscaler package, as realesr-animevideo',
    limits.idLength,
  )
    .describe(
      'What enlarges the frames: the upscaler of the model set (`model`), `lanczos`, a filter without a model, or an upscaler package by its name, as `realesr-animevideo` (`shotline models add`).',
    )
    .optional(),
  audio: audio.optional(),
};

const freeuFields = {
  b1: factor.describe('Factor of the backbone at the coarsest level of the U-Net. 1 changes nothing.'),
  b2: factor.describe('Factor of the backbone at the next level.'),
  s1: factor.describe('Factor of the low frequencies of the skip connection at the coarsest level.'),
  s2: factor.describe('Factor of the low frequencies of the skip connection at the next level.'),
};

/** `a, b or c` */
function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

const joinKinds = ['seine', 'dissolve', 'fade', 'wipe', 'cut'] as const;

const joinFields = {
  kind: oneOf(`the kind of a join is ${listed(joinKinds)}`, joinKinds).describe('Kind of the join, as above.'),
  prompt: prompt.describe('What the transition shows. Only for `seine`.').optional(),
  direction: oneOf(`direction is where the edge of a wipe goes: ${listed(wipeDirections)}`, wipeDirections)
    .describe('Where the edge goes that brings the next shot. Only for `wipe`.')
    .optional(),
  known: wholeNumber(
    `known is how many latent frames a seine join keeps at each end, a whole number from 1 to ${limits.maxKnown}`,
    1,
    limits.maxKnown,
  )
    .describe(
      'How many latent frames of each neighbour the transition keeps. More of them make it shorter. Only for `seine`.',
    )
    .optional(),
  seconds: realNumber(
    `seconds is how long a join lasts, a number from ${limits.minSeconds} to ${limits.maxJoinSeconds}`,
    limits.minSeconds,
    limits.maxJoinSeconds,
  )
    .describe(
      'How long the join lasts, to the frame. A `seine` join comes between its shots; it is at most as long as a clip of the model makes it (pocket: 2.45 seconds). A `dissolve` or `wipe` takes as much from both, a `fade` half from each. Not for a `cut`.',
    )
    .optional(),
};

const joinRule = `a join is ${listed(joinKinds)}, or a map with kind, prompt, known, direction and seconds`;
const join = z
  .union([oneOf(joinRule, joinKinds), z.strictObject(joinFields, { error: joinRule })], {
    error: joinRule,
  })
  .describe(
    'How the shot joins the one before: by a generated transition (`seine`), a cross-fade (`dissolve`), through black (`fade`), an edge that goes over the picture (`wipe`) or a `cut`. Not for the first shot.',
  );

const promptsRule = 'prompts is a map of places in the shot, from 0 (its beginning) to 1 (its end), to prompts';

const freenoiseFields = {
  weights: oneOf(`weights is ${listed(windowWeights)}`, windowWeights)
    .describe(
      'How overlapping windows are mixed: by `pyramid` the middle of a window counts most, by `flat` all its frames count alike, by `sawtooth` its second half, most in the middle.',
    )
    .optional(),
  noise: oneOf(`noise of FreeNoise is ${listed(longNoises)}`, longNoises)
    .describe(
      'Noise of the frames behind the first window: that of the window, shuffled (`shuffle`), the same over and over (`repeat`), or their own (`random`).',
    )
    .optional(),
  window: wholeNumber(
    `window is how many base frames attention sees together, a whole number from 2 to ${limits.maxBaseFrames}`,
    2,
    limits.maxBaseFrames,
  )
    .describe('Base frames that attention sees together. Unsaid, those of a clip of the model.')
    .optional(),
  stride: wholeNumber(
    `stride is by how many base frames windows lie apart, a whole number from 1 to ${limits.maxBaseFrames}`,
    1,
    limits.maxBaseFrames,
  )
    .describe('Base frames from one window to the next; no more than a window has. Unsaid, 4.')
    .optional(),
};
const freenoiseRule = 'freenoise is true, false, or a map with weights, noise, window and stride';

const stopFrequency = (key: string, where: string) =>
  realNumber(
    `${key} is a stop frequency of FreeInit's filter, a number from ${limits.minStopFrequency} to 1`,
    limits.minStopFrequency,
    1,
  )
    .describe(`Where the filter stops ${where}, as a share of the highest frequency.`)
    .optional();

const freeinitFields = {
  iterations: wholeNumber(
    `iterations is how often FreeInit samples a clip, a whole number from ${limits.minIterations} to ${limits.maxIterations}`,
    limits.minIterations,
    limits.maxIterations,
  )
    .describe('How often the clip is sampled.')
    .optional(),
  filter: oneOf(`a filter is ${listed(freeInitFilters)}`, freeInitFilters)
    .describe('Low-pass filter that decides which frequencies of the noise have seen the clip.')
    .optional(),
  order: wholeNumber(
    `order is how steep a butterworth filter is, a whole number from 1 to ${limits.maxFilterOrder}`,
    1,
    limits.maxFilterOrder,
  )
    .describe('How steep a butterworth filter is. Other filters have no order.')
    .optional(),
  spatial: stopFrequency('spatial', 'in space'),
  temporal: stopFrequency('temporal', 'in time'),
  coarseToFine: yesOrNo('coarseToFine is true or false: whether earlier iterations have fewer steps')
    .describe('Whether earlier iterations take fewer steps.')
    .optional(),
  show: wholeNumber(
    `show is the iteration that the shot shows, a whole number from 1 to ${limits.maxIterations}; the last when nothing is said, earlier ones are previews`,
    1,
    limits.maxIterations,
  )
    .describe('Iteration that the shot shows. One before the last is a preview.')
    .optional(),
};
const freeinitRule = `freeinit is true, false, or a map with ${Object.keys(freeinitFields).join(', ')}`;

const freeuRule = 'freeu is true, false, or a map with b1, b2, s1 and s2';

/** Words for a focus. */
export const focusWords = { left: 0, top: 0, middle: 0.5, right: 1, bottom: 1 } as const;
const focusNames = ['left', 'top', 'middle', 'right', 'bottom'] as const;
const focusRule = `focus is ${listed(focusNames)}, or a number from 0 (left or top) to 1 (right or bottom)`;

const samplingFields = {
  seed: wholeNumber(
    `a seed is a whole number from 0 to ${limits.maxSeed}; without one it follows from the id of the shot`,
    0,
    limits.maxSeed,
  )
    .describe('Seed of the noise. The same seed, prompt and settings make the same bytes.')
    .optional(),
  quality: oneOf(
    `a quality is ${listed(qualities)}: a preset of the model for sampler, steps, guidance, FreeU and FreeInit; settings of their own win`,
    qualities,
  )
    .describe("The model's preset for sampler, steps, guidance, FreeU and FreeInit. Keys of the shot win over it.")
    .optional(),
  as: oneOf('as is paper: what is not said is as the authors sample their model', ['paper'] as const)
    .describe(
      "Whose settings hold where nothing is said. `paper`: sampler, steps, guidance and the words around the prompt are those of the model's authors, where the package names them (docs/papers.md).",
    )
    .optional(),
  sampler: oneOf(`a sampler is ${listed(samplerKinds)}`, samplerKinds)
    .describe('Algorithm that turns noise into a clip.')
    .optional(),
  steps: wholeNumber(`steps is a whole number of denoising steps from 1 to ${limits.maxSteps}`, 1, limits.maxSteps)
    .describe('Denoising steps of a clip. Time grows with them.')
    .optional(),
  guidance: realNumber(`guidance is a number from 0 to ${limits.maxGuidance}`, 0, limits.maxGuidance)
    .describe('How strongly the clip follows its prompt. At 1 there is no guidance, and a step takes half the work.')
    .optional(),
  rescale: realNumber(
    'rescale is how far guidance is brought back to the contrast of the prediction, a number from 0 to 1',
    0,
    1,
  )
    .describe('How far the contrast that guidance adds is taken back: 0 not at all, 1 fully.')
    .optional(),
  freeu: z
    .union([yesOrNo(freeuRule), z.strictObject(freeuFields, { error: freeuRule })], { error: freeuRule })
    .describe("FreeU: weighs the parts of a U-Net's decoder. `true` takes the factors of the model.")
    .optional(),
  freeinit: z
    .union([yesOrNo(freeinitRule), z.strictObject(freeinitFields, { error: freeinitRule })], { error: freeinitRule })
    .describe(
      'FreeInit: samples the shot again from noise that has seen it. Time grows with the iterations. Among the defaults it concerns only shots that are made from words alone.',
    )
    .optional(),
  negative: words(
    `a negative prompt is a text of at most ${limits.promptLength} characters without control characters`,
    0,
    limits.promptLength,
  )
    .describe('What the shot should not show: guidance leads away from this prompt.')
    .optional(),
  enhance: enhanceField,
  join: join.optional(),
  gate: gateField,
  speed: realNumber(
    `speed is how fast a shot plays, a number from ${limits.minSpeed} to ${limits.maxSpeed}`,
    limits.minSpeed,
    limits.maxSpeed,
  )
    .describe('How fast the shot plays: `0.5` is slow motion. Frames of the clip are shown longer or left out.')
    .optional(),
  focus: z
    .union([oneOf(focusRule, focusNames), realNumber(focusRule, 0, 1)], { error: focusRule })
    .describe(
      'What stays of the shot when the film has another shape and crops it: the middle, an end, or a place from 0 (left or top) to 1. Between two shots with different ones the join pans. A shot with `continue` looks where the one before looks.',
    )
    .optional(),
  ...commonSoundFields,
};

const shotFields = {
  id: identifier(
    `an id has 1 to ${limits.idLength} lower-case letters, digits and hyphens and begins with a letter or digit`,
    limits.idLength,
  ).describe('Name of the shot, for messages and commands. Each shot has its own.'),
  prompt: prompt.describe('What the shot shows, in words that the model set knows.').optional(),
  prompts: z
    .record(z.string(), prompt, { error: promptsRule })
    .describe(
      `Several prompts for one shot, at most ${limits.prompts}. The keys are places in the shot: 0 is its beginning, 1 its end. The first prompt stands at 0.`,
    )
    .optional(),
  seconds: realNumber(
    `seconds is how long a shot lasts, a number from ${limits.minSeconds} to ${limits.maxSeconds} (to ${limits.maxClipSeconds} of a clip of your own)`,
    limits.minSeconds,
    limits.maxClipSeconds,
  )
    .describe(
      `How long the shot lasts, to the frame. Shorter than one clip (pocket: 61 frames), it shows the beginning of one. It has at most ${limits.maxBaseFrames} key frames (${4 * limits.maxBaseFrames - 3} frames). A clip of your own may be as long as it is.`,
    )
    .optional(),
  from: realNumber(
    `from is where a shot begins in its clip, a number of seconds from 0 to ${limits.maxSeconds} (to ${limits.maxClipSeconds} of a clip of your own)`,
    0,
    limits.maxClipSeconds,
  )
    .describe(
      'Leaves out the beginning of the clip: the shot begins so many seconds behind it. Then it has no `seine` join before it, unless the clip is your own.',
    )
    .optional(),
  to: realNumber(
    `to is where a shot ends in its clip, a number of seconds from ${limits.minSeconds} to ${limits.maxSeconds} (to ${limits.maxClipSeconds} of a clip of your own)`,
    limits.minSeconds,
    limits.maxClipSeconds,
  )
    .describe(
      'Where the shot ends in its clip, in place of `seconds`. Like `from` it counts seconds as they play: with `speed: 2` one of them is two of the clip.',
    )
    .optional(),
  freenoise: z
    .union([yesOrNo(freenoiseRule), z.strictObject(freenoiseFields, { error: freenoiseRule })], {
      error: freenoiseRule,
    })
    .describe('How a shot is made that is longer than one clip: by FreeNoise (`true`), or in one window (`false`).')
    .optional(),
  card: shotCard,
  caption: captionField,
  ...givenFields,
  ...shotClipFields,
  ...shotSoundFields,
  ...samplingFields,
};

const map = (name: string) => `${name} is a map of keys and values`;

const modelsRule =
  'models is the name of a model set (lower-case letters, digits and hyphens), or a map with set, base, the name of an alternative that the set has for it, and voice, the name of a voice package';

const modelsFields = {
  set: identifier('set is the name of a model set: lower-case letters, digits and hyphens', limits.idLength)
    .describe('Name of the model set.')
    .optional(),
  base: identifier(
    'base is the name of an alternative base model of the set: lower-case letters, digits and hyphens',
    limits.idLength,
  )
    .describe('Name of another base model that the set has (pocket: `latte`).')
    .optional(),
  voice: identifier('voice is the name of a voice package: lower-case letters, digits and hyphens', limits.idLength)
    .describe(
      'Name of a voice package that speaks in place of the voice of the set (`shotline models add voice.onnx`).',
    )
    .optional(),
};

const storyFields = {
  seconds: realNumber(
    `seconds is how long the film lasts, a number from ${limits.minSeconds} to ${limits.maxStorySeconds}`,
    limits.minSeconds,
    limits.maxStorySeconds,
  )
    .describe(
      'How long the film lasts, to the frame: shots without `seconds` share what the others, the joins and the cards leave.',
    )
    .optional(),
  title: words(
    `a title is a text of 1 to ${limits.titleLength} characters without control characters`,
    1,
    limits.titleLength,
  )
    .describe('Name of the story, for lists and for the file of the film.')
    .optional(),
  ...filmFields,
  ...storyCards,
  output: z
    .union(
      [
        z
          .string({ error: outputRule })
          .refine((value) => isOutputName(value), { error: outputRule })
          .meta({ title: 'size or shape' }),
        z.strictObject(outputFields, { error: outputRule }),
      ],
      { error: outputRule },
    )
    .describe(
      'Size, shape and frame rate of the film. A word is its size (`1080p`, `4k`, `1920x1080`) or its shape (`9:16`, `1:1`, `2.39:1`).',
    )
    .optional(),
  outputs: outputsField,
  models: z
    .union([identifier(modelsRule, limits.idLength), z.strictObject(modelsFields, { error: modelsRule })], {
      error: modelsRule,
    })
    .describe(
      'Name of the model set that makes the film. A map can also choose another base model of the set, and another voice.',
    )
    .optional(),
  subjects: subjects.optional(),
  ...storySoundFields,
  defaults: z
    .strictObject(samplingFields, { error: map('defaults') })
    .describe("Settings of all shots: the keys of the last table. A shot's own keys win.")
    .optional(),
  shots: z
    .array(z.strictObject(shotFields, { error: map('a shot') }), {
      error: 'shots is a list, in which each shot begins with a dash: "- id: …"',
    })
    .min(1, { error: 'a story has at least one shot' })
    .max(limits.shots, { error: `a story has at most ${limits.shots} shots` })
    .describe(`The shots, in the order of the film. A story has at most ${limits.tasks} tasks, about an hour of film.`),
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
    | 'file'
    | 'models'
    | 'subject'
    | 'defaults'
    | 'shot'
    | 'caption'
    | 'card'
    | 'clip'
    | 'join'
    | 'continue'
    | 'freeu'
    | 'freeinit'
    | 'freenoise'
    | 'gate'
    | 'enhance'
    | keyof typeof soundKeys,
    readonly string[]
  >
> = {
  story: Object.keys(storyFields),
  output: Object.keys(outputFields),
  file: Object.keys(fileFields),
  models: Object.keys(modelsFields),
  subject: Object.keys(subjectFields),
  defaults: Object.keys(samplingFields),
  shot: Object.keys(shotFields),
  caption: Object.keys(captionFields),
  card: Object.keys(cardFields),
  clip: Object.keys(clipFields),
  join: Object.keys(joinFields),
  continue: Object.keys(continueFields),
  freeu: Object.keys(freeuFields),
  freeinit: Object.keys(freeinitFields),
  freenoise: Object.keys(freenoiseFields),
  gate: Object.keys(gateKeys),
  enhance: Object.keys(enhanceFields),
  ...soundKeys,
};

/** The JSON Schema (draft 7, which editors know best) of a script file. */
export function scriptJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(writtenScript, { target: 'draft-7', io: 'input' });
  // What zod cannot say: `parseScript` finds it, and editors learn it here.
  const shot = schema.properties?.['shots'] as { items: Record<string, unknown> };
  shot.items['anyOf'] = [{ required: ['prompt'] }, { required: ['prompts'] }, { required: ['clip'] }];
  return { ...schema, title: 'Shotline story script', description: 'A story in shots, to be made into one film.' };
}
