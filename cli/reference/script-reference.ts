import { scriptJsonSchema } from '../../story/script/script-schema.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from '../../story/script/script-limits.ts';

/** As much of JSON Schema as the schema of scripts uses. */
interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const code = (value: string | number | boolean): string => `\`${String(value)}\``;

const ofPreset = 'from `quality`';
const ofModel = 'from the model';

function cardDefaults(path: string): Record<string, string> {
  return {
    [`${path}.text`]: 'required',
    [`${path}.subtitle`]: 'none',
    [`${path}.seconds`]: code(defaults.cardSeconds),
    [`${path}.background`]: code('black'),
    [`${path}.fade`]: code(defaults.cardFade),
  };
}

function soundDefaults(path: string): Record<string, string> {
  return { [`${path}.from`]: code(0), [`${path}.volume`]: code(1) };
}

function fileDefaults(path: string): Record<string, string> {
  return {
    [`${path}.width`]: 'from the film',
    [`${path}.height`]: 'from the film',
    [`${path}.shape`]: 'that of the film',
    [`${path}.fit`]: code('crop'),
    [`${path}.codec`]: code('h264'),
    [`${path}.depth`]: '`8`; of ProRes 10',
    [`${path}.quality`]: 'as the codec needs',
    [`${path}.bitrate`]: 'from `quality`',
    [`${path}.ladder`]: code(false),
    [`${path}.captions`]: 'as of the film',
    [`${path}.fps`]: code(defaults.previewFps),
  };
}

/** What a script gets that leaves a key out, by path. Code is a value that the key may have, other words are not. */
const defaultOf: Readonly<Record<string, string>> = {
  title: 'the name of the file',
  description: 'none',
  language: 'not said',
  output: code('4k'),
  speed: code(1),
  from: code(0),
  to: 'from `seconds`',
  'output.shape': code('16:9'),
  'output.fit': code('crop'),
  focus: 'the middle; of a shot that continues another, its focus',
  'output.fps': code(defaults.fps),
  'output.captions': code('track'),
  'output.codec': code('h264'),
  'output.depth': '`8`; of ProRes 10',
  'output.quality': 'as the codec needs (H.264: 18)',
  'output.bitrate': 'from `quality`',
  'output.upscaler': code('model'),
  'output.audio': 'AAC, where the film has sound',
  'output.audio.codec': code('aac'),
  'output.audio.loudness': code(defaults.loudness),
  'output.audio.silent': code(false),
  'output.audio.duck': code(defaults.duck),
  soundtrack: 'none',
  ...soundDefaults('soundtrack'),
  'soundtrack.fade': 'only at its end',
  'soundtrack.fade.in': code(defaults.fadeIn),
  'soundtrack.fade.out': code(defaults.fadeOut),
  'soundtrack.loop': code(false),
  voice: 'that of the voice package',
  'voice.name': 'that of the voice package',
  'voice.speed': code(1),
  narration: 'none',
  ...soundDefaults('narration'),
  'narration.delay': code(0),
  say: 'nothing',
  'say.voice': "the story's",
  'say.speed': "the story's",
  'say.volume': code(1),
  'say.delay': code(0),
  sound: 'none',
  ...soundDefaults('sound'),
  ...fileDefaults('outputs.<name>'),
  outputs: 'none',
  models: code(defaults.models),
  'models.set': code(defaults.models),
  'models.base': 'the base of the set',
  'subjects.<name>.mask': 'cut out by transparency or background',
  seconds: 'one clip for each prompt',
  caption: 'none',
  card: 'none',
  ...cardDefaults('card'),
  opening: code(false),
  ...cardDefaults('opening'),
  closing: 'none',
  ...cardDefaults('closing'),
  freenoise: 'on for such a shot',
  continue: code(false),
  'continue.known': code(defaults.continueKnown),
  seed: 'from the `id` and the seed of the defaults',
  quality: code(defaults.quality),
  sampler: ofPreset,
  steps: ofPreset,
  guidance: ofPreset,
  rescale: ofModel,
  freeu: ofPreset,
  freeinit: ofPreset,
  'freeinit.iterations': ofModel,
  'freeinit.filter': ofModel,
  'freeinit.order': ofModel,
  'freeinit.spatial': ofModel,
  'freeinit.temporal': ofModel,
  'freeinit.coarseToFine': ofModel,
  'freeinit.show': 'the last',
  negative: 'empty',
  enhance: code(false),
  'enhance.scale': code(defaults.enhanceScale),
  'enhance.time': code(1),
  'enhance.strength': code(defaults.enhanceStrength),
  'enhance.colour': code('wavelet'),
  join: code('seine'),
  'join.prompt': code(defaults.joinPrompt),
  'join.direction': code('right'),
  'join.known': code(defaults.joinKnown),
  'join.seconds': `${code(defaults.joinSeconds)}; of a fade 1, of a dissolve or wipe 0.5`,
  gate: code(false),
  'gate.retries': code(defaults.gateRetries),
};

/**
 * The page `docs/script.md`: every key of a story script with its values, its default and what it does. Values come from the
 * schema that checks scripts, and so does what a key does; a test holds the page against the parser.
 */
export function scriptReference(): string {
  const story = scriptJsonSchema() as Schema;
  const { shots, defaults: shared, ...whole } = story.properties ?? {};
  const sampling = shared?.properties ?? {};
  const { properties, ...shot } = shots?.items ?? {};
  const ofShots = Object.fromEntries(Object.entries(properties ?? {}).filter(([key]) => !Object.hasOwn(sampling, key)));
  return [
    '# The story script',
    '',
    '`npm run docs:cli` writes this page from the schema that checks scripts, `story/script/script-schema.ts`.',
    'A test holds every row against the parser.',
    '',
    'A script is YAML or JSON. `shotline validate` names its problems. `shotline schema` prints the JSON Schema, for editors.',
    '',
    'In the tables:',
    '',
    '- a _name_ has lower-case letters, digits and hyphens, and begins with a letter or digit;',
    '- a _text_ has no control characters, and white space counts as one space;',
    `- a _picture_ is a path from the folder of the script to a PNG, JPEG, WebP, AVIF or HEIC file in it or below it, or an \`s3://\` or \`https://\` address, of at most ${String(limits.pictureName)} characters;`,
    '- a _size_ has a name (`1080p`, `4k`) or is width x height in pixels (`1920x1080`); a _shape_ is width to height (`9:16`, `2.39:1`); a _bitrate_ is `8M` or `800k`; a _ladder_ is a list of 1 to 6 of `2160p`, `1440p`, `1080p`, `720p`, `540p`, `480p`, `360p`, `240p`;',
    `- a _rate_ is a whole number from ${String(limits.minFps)} to ${String(limits.maxFps)}, or \`23.976\`, \`29.97\`, \`59.94\`, or a fraction over 1001 (\`24000/1001\`);`,
    `- a _sound_ is a path from the folder of the script to a sound file in it or below it, or an \`s3://\` address, of at most ${String(limits.pictureName)} characters; a _voice_ is its name or language (\`en-gb\`);`,
    '- a _colour_ is `black`, `white`, or red, green and blue as in `#1b2a49`;',
    '- _captions_ are a list; each has its `text`, and may say `at` and `until`, seconds from the beginning of the shot;',
    '- a _language_ is a tag as browsers use them (`en`, `de-CH`, `zh-Hant`);',
    '- a _latent frame_ is a key frame: a clip of the pocket set has 16, and the film shows four frames for each but the last.',
    '',
    '<!-- prettier-ignore-start -->',
    '',
    '## The story',
    '',
    ...table({ ...story, properties: whole }),
    ...rowOf('defaults', shared ?? {}, false),
    ...rowOf('shots', shots ?? {}, true),
    '',
    '## A shot',
    '',
    'Besides its `id` a shot has a `prompt` or `prompts`.',
    '',
    ...table({ ...shot, properties: ofShots }),
    '',
    '## A shot, or the defaults of all',
    '',
    ...table({ properties: sampling }),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

function table(schema: Schema): string[] {
  return ['| key | values | default | what it does |', '| --- | --- | --- | --- |', ...rowsIn('', schema)];
}

/** Rows for the keys of a map, and of the maps in it. */
function rowsIn(path: string, { properties, additionalProperties, required }: Schema): string[] {
  const members = typeof additionalProperties === 'object' ? kindsOf(additionalProperties) : [];
  const named = members.flatMap((kind) => rowsIn(`${path}<name>.`, kind));
  const own = Object.entries(properties ?? {}).flatMap(([key, schema]) => [
    ...rowOf(`${path}${key}`, schema, required?.includes(key) ?? false),
    ...kindsOf(schema).flatMap((kind) => rowsIn(`${path}${key}.`, kind)),
  ]);
  return [...own, ...named];
}

function rowOf(path: string, schema: Schema, required: boolean): string[] {
  const values = [...new Set(kindsOf(schema).map(valuesOf))].join(' or ');
  const unsaid = required ? 'required' : (defaultOf[path] ?? '');
  return [`| \`${path}\` | ${values} | ${unsaid} | ${escaped(schema.description ?? '')} |`];
}

/** What a key may be, one after the other. */
function kindsOf(schema: Schema): readonly Schema[] {
  // What has a name of its own is told by it.
  return schema.title === undefined ? (schema.anyOf ?? [schema]) : [schema];
}

function valuesOf(schema: Schema): string {
  const { type, title, enum: words, const: only, maxLength, minLength, pattern, additionalProperties } = schema;
  if (only !== undefined) return code(only);
  if (words !== undefined) return words.map(code).join(', ');
  if (title !== undefined) return title;
  switch (type) {
    case 'integer':
    case 'number':
      return numbersOf(schema);
    case 'boolean':
      return `${code(true)}, ${code(false)}`;
    case 'string':
      return pattern === undefined
        ? `text of ${String(minLength ?? 0)} to ${String(maxLength)}`
        : `name of 1 to ${longest(pattern)}`;
    case 'array':
      return `list of ${String(schema.minItems)} to ${String(schema.maxItems)}`;
    default: {
      const members = typeof additionalProperties === 'object' ? additionalProperties : {};
      return members.type === 'string' ? `map to ${valuesOf(members)}` : 'map';
    }
  }
}

function numbersOf({ type, minimum, maximum, multipleOf }: Schema): string {
  const whole = type === 'integer' ? `, ${multipleOf === 2 ? 'even' : 'whole'}` : '';
  return `${String(minimum)} to ${String(maximum)}${whole}`;
}

/** Characters of the longest name that a pattern such as `^[a-z][a-z0-9-]{0,39}$` takes. */
function longest(pattern: string): string {
  return String(1 + Number(/\{0,(\d+)\}\$$/.exec(pattern)?.[1]));
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
