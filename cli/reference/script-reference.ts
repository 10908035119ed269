import { scriptJsonSchema } from '../../story/script/script-schema.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from '../../story/script/script-limits.ts';

/** As much of JSON Schema as the schema of scripts uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** What a script gets that says nothing, by path; what is not here is off, or the model's. */
const unsaid: Readonly<Record<string, string | number>> = {
  title: 'the name of the file',
  'output.width': defaults.width,
  'output.height': defaults.height,
  'output.fps': defaults.fps,
  'output.upscaler': 'model',
  models: defaults.models,
  seed: "follows from the shot's id and the seed of the defaults",
  quality: defaults.quality,
  negative: 'none',
  join: `seine: ${defaults.joinPrompt}`,
  'join.prompt': defaults.joinPrompt,
  'join.known': defaults.joinKnown,
  'continue.known': defaults.continueKnown,
  'enhance.scale': defaults.enhanceScale,
  'enhance.time': 1,
  'enhance.strength': defaults.enhanceStrength,
  'enhance.colour': 'wavelet',
  'freenoise.weights': defaults.freenoiseWeights,
  'gate.retries': defaults.gateRetries,
};

/** The page `docs/script.md`: every key of a story script, from the schema that checks it. */
export function scriptReference(): string {
  const story = scriptJsonSchema() as Schema;
  const { shots, defaults: shared, ...whole } = story.properties ?? {};
  const sampling = shared?.properties ?? {};
  const ofShots = Object.entries(shots?.items?.properties ?? {}).filter(([key]) => !Object.hasOwn(sampling, key));
  return [
    '# The story script',
    '',
    'Written by `npm run docs:cli` from the schema that checks scripts (`story/script/script-schema.ts`); a test keeps it equal.',
    'A script is YAML or JSON. `shotline validate` names every problem with its line; `shotline schema` prints the JSON Schema, for editors.',
    '',
    '<!-- prettier-ignore-start -->',
    '',
    '## The story',
    '',
    ...table(Object.entries(whole)),
    `| \`defaults\` | map | what every shot gets that does not say otherwise: the keys of the last table | |`,
    `| \`shots\` | list of 1 to ${String(limits.shots)} | ${shots?.description ?? ''}; a story has at most ${String(limits.tasks)} tasks, about an hour of film | |`,
    '',
    '## A shot',
    '',
    'Besides `id` a shot has a `prompt` or `prompts`.',
    '',
    ...table(ofShots),
    '',
    '## A shot, or the defaults of all',
    '',
    ...table(Object.entries(sampling)),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

function table(entries: readonly (readonly [string, Schema])[]): string[] {
  const rows = entries.flatMap(([key, schema]) => rowsOf(key, schema));
  return ['| key | values | what | unsaid |', '| --- | --- | --- | --- |', ...rows];
}

/** A row for the key, and one for each key of the maps that it may be. */
function rowsOf(path: string, schema: Schema): string[] {
  const kinds = schema.anyOf ?? [schema];
  const what = schema.description ?? kinds.find(({ description }) => description !== undefined)?.description ?? '';
  const values = [...new Set(kinds.map(valuesOf))].join(' or ');
  const row = `| \`${path}\` | ${values} | ${escaped(what)} | ${String(unsaid[path] ?? '')} |`;
  const inner = kinds.flatMap((kind) => [
    ...Object.entries(kind.properties ?? {}).map(([key, each]) => [`${path}.${key}`, each] as const),
    ...(typeof kind.additionalProperties === 'object'
      ? Object.entries(kind.additionalProperties.properties ?? {}).map(
          ([key, each]) => [`${path}.<name>.${key}`, each] as const,
        )
      : []),
  ]);
  return [row, ...inner.flatMap(([key, each]) => rowsOf(key, each))];
}

function valuesOf({ type, enum: words, minimum, maximum, minLength, maxLength, anyOf, items }: Schema): string {
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map(valuesOf).join(' or ');
  switch (type) {
    case 'integer':
    case 'number':
      return `${String(minimum)} to ${String(maximum)}${type === 'integer' ? ', whole' : ''}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return maxLength === undefined ? 'a name' : `text of ${String(minLength ?? 0)} to ${String(maxLength)}`;
    case 'array':
      return items === undefined ? 'list' : `list of ${valuesOf(items)}`;
    default:
      return 'map';
  }
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
