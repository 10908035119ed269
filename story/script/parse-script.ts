import { normalCard } from './card-fields.ts';
import { captionFindings, normalCaptions } from './captions.ts';
import { normalEnhance } from './enhance-fields.ts';
import { normalGate } from './gate-fields.ts';
import { continuation, givenFindings, givenPictures } from './given-frames.ts';
import { readRate } from './frame-rate.ts';
import { foldSpaces } from './plain-text.ts';
import { promptFindings } from './prompt-findings.ts';
import { readScript } from './read-script.ts';
import type { ScriptPath } from './read-script.ts';
import type { Join, OutputSettings, PromptPlace, SamplingSettings, Shot, StoryScript } from './script.ts';
import { scriptDefaults, scriptLimits } from './script-limits.ts';
import { broken, invalidScript, membersOf, problemsOf, schemaFindings, writtenPath } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import { focusWords, writtenScript } from './script-schema.ts';
import { namedSize, ratioOf, sizeOf } from './output-size.ts';
import type { Size } from './output-size.ts';
import type { WrittenScript } from './script-schema.ts';
import { codecFindings, normalFiles, outputEncoding } from './normal-outputs.ts';
import { clipFindings, normalClip } from './own-clip.ts';
import { normalShotSound, normalStorySound, soundFindings } from './normal-sound.ts';
import { shareSeconds } from './shared-seconds.ts';
import { normalSubjects, subjectFindings } from './subjects.ts';
import { seedOf } from './content-hash.ts';

type WrittenShot = WrittenScript['shots'][number];
type WrittenJoin = NonNullable<WrittenShot['join']>;
type WrittenOutput = Exclude<WrittenScript['output'], string | undefined>;

/**
 * Reads a story script, YAML or JSON, into its normal form. `fileName` gives the title of a story that has none and
 * stands in messages.
 *
 * @throws PipelineError `SCRIPT_INVALID` with every problem at once in `details.problems` (`ScriptProblem`), whatever the
 * text holds.
 *
 * @example
 * ```ts
 * import { parseScript } from './parse-script.ts';
 *
 * const yaml = 'shots: [{ id: dawn, prompt: a red boat sails to the right on the sea at sunset }]';
 * const { title, shots } = parseScript(yaml, { fileName: 'stories/first-film.yaml' });
 * console.log(title, shots[0]?.sampling.quality); // First film standard
 * ```
 */
export function parseScript(text: string, { fileName }: { readonly fileName: string }): StoryScript {
  const script = readScript(text);
  if ('problems' in script) throw invalidScript(fileName, script.problems);
  const result = writtenScript.safeParse(script.value);
  const findings = [...schemaFindings(result.error?.issues ?? [], script.value), ...storyFindings(script.value)];
  if (!result.success || findings.length > 0) throw invalidScript(fileName, problemsOf(findings, script));
  const form = normalForm(result.data, fileName);
  const { seconds } = result.data;
  const shared = seconds === undefined ? form : shareSeconds(form, seconds);
  if (typeof shared !== 'string') return shared;
  throw invalidScript(fileName, problemsOf([{ path: ['seconds'], message: `seconds ${shared}` }], script));
}

/**
 * Rules between the values of a script. They look at what was written, so that they are reported together with the
 * faults that the schema finds.
 */
function storyFindings(value: unknown): Finding[] {
  const { shots, output, defaults } = membersOf(value);
  const findings = [
    ...outputFindings(output),
    ...codecFindings(membersOf(value), output === undefined ? sizeOf({}) : writtenSize(output)),
    ...joinFindings(['defaults', 'join'], membersOf(defaults)['join']),
    ...subjectFindings(membersOf(value)),
  ];
  if (!Array.isArray(shots)) return findings;
  const firstWithId = new Map<string, number>();
  shots.forEach((shot: unknown, index) => {
    const written = membersOf(shot);
    const { id, join } = written;
    findings.push(...givenFindings(['shots', index], written, index));
    const path = ['shots', index, 'join'];
    findings.push(...captionFindings(['shots', index, 'caption'], written['caption']));
    findings.push(...cardFindings(['shots', index], written), ...trimFindings(['shots', index], written));
    if (isMap(shot)) findings.push(...promptFindings(['shots', index], written));
    findings.push(...soundFindings(['shots', index], written), ...clipFindings(['shots', index], written));
    if (index > 0) findings.push(...joinFindings(path, join));
    else if (join !== undefined)
      findings.push(broken(path, join, 'the first shot has none before it to join; take it out'));
    if (typeof id !== 'string') return;
    const first = firstWithId.get(id);
    if (first === undefined) firstWithId.set(id, index);
    else findings.push(broken(['shots', index, 'id'], id, `shots[${first}] has that id; give each shot its own`));
  });
  return findings;
}

/** Rules between the keys that say what is shown of a clip. */
function trimFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { from, to, seconds, join, continue: continued } = shot;
  const kind = typeof join === 'string' ? join : membersOf(join)['kind'];
  const findings: Finding[] = [];
  if (to !== undefined && seconds !== undefined) {
    findings.push(broken([...path, 'to'], to, 'the shot says seconds as well; take one of the two out'));
  }
  if (typeof to === 'number' && typeof from === 'number' && to <= from) {
    findings.push(broken([...path, 'to'], to, `the shot begins at ${from}; it ends behind its beginning`));
  }
  if (isTrimmed(from) && kind === 'seine' && shot['clip'] === undefined) {
    const rule =
      'a seine join leads to the first frame of a clip; take from out, or join it by dissolve, fade, wipe or cut';
    findings.push(broken([...path, 'from'], from, rule));
  }
  if (isTrimmed(from) && continued !== undefined && continued !== false) {
    findings.push(
      broken([...path, 'from'], from, 'a shot that continues the one before begins where that ends; take from out'),
    );
  }
  return findings;
}

/** A card stands between two shots, so nothing joins them. */
function cardFindings(
  path: ScriptPath,
  { card, join, continue: continued }: Readonly<Record<string, unknown>>,
): Finding[] {
  if (card === undefined) return [];
  const rule = 'the card before the shot parts it from the one before; take out the card or the';
  const kind = typeof join === 'string' ? join : membersOf(join)['kind'];
  return [
    ...(join === undefined || kind === 'cut' ? [] : [broken([...path, 'join'], join, `${rule} join`)]),
    ...(continued === undefined || continued === false
      ? []
      : [broken([...path, 'continue'], continued, `${rule} continue`)]),
  ];
}

function outputFindings(output: unknown): Finding[] {
  const { width, height, shape } = membersOf(output);
  if (typeof width === 'number' && typeof height === 'number' && shape !== undefined) {
    return [
      broken(
        ['output', 'shape'],
        shape,
        'a shape makes the other side follow, and both are said; take one of the three out',
      ),
    ];
  }
  const size = writtenSize(output);
  if (size === null) return [];
  const { minSide, maxSide } = scriptLimits;
  for (const [name, side] of Object.entries(size)) {
    // A side that was said is the schema's matter, and so are both of a size in words.
    const isSaid = typeof output === 'string' || membersOf(output)[name] !== undefined;
    if ((side >= minSide && side <= maxSide) || isSaid) continue;
    const message = `output is ${size.width}x${size.height}, for its ${name} follows from the other side; a side has ${minSide} to ${maxSide} pixels; say another size`;
    return [{ path: ['output'], message }];
  }
  if (size.width * size.height <= scriptLimits.maxPixels) return [];
  const message = `output is ${size.width}x${size.height}; a frame has at most ${scriptLimits.maxPixels} pixels (7680x4320); make it smaller`;
  return [{ path: ['output'], message }];
}

/** The size that an output says; `null` for one that the schema refuses. */
function writtenSize(output: unknown): Size | null {
  if (typeof output === 'string') return namedSize(output);
  const { width, height, shape } = membersOf(output);
  const isSide = (side: unknown): side is number | undefined => side === undefined || typeof side === 'number';
  if (!isSide(width) || !isSide(height)) return null;
  return sizeOf({ width, height }, typeof shape === 'string' ? (ratioOf(shape) ?? undefined) : undefined);
}

function joinFindings(path: ScriptPath, join: unknown): Finding[] {
  const { kind, ...keys } = membersOf(join);
  if (typeof kind !== 'string' || !Object.hasOwn(keysOfJoins, kind)) return [];
  const own: readonly string[] = keysOfJoins[kind] ?? [];
  return Object.entries(keys)
    .filter(([key, value]) => value !== undefined && !own.includes(key))
    .flatMap(([key, value]) => {
      const owners = Object.keys(keysOfJoins).filter((other) => keysOfJoins[other]?.includes(key));
      // A key that no join has is the schema's matter.
      if (owners.length === 0) return [];
      const owner = [owners.slice(0, -1).join(', '), owners.at(-1)].filter((words) => words !== '').join(' or ');
      return [broken([...path, key], value, `a ${kind} has no ${key}, only a ${owner} join has; take it out`)];
    });
}

/** What may be said of a join of each kind. */
const keysOfJoins: Readonly<Record<string, readonly string[]>> = {
  seine: ['prompt', 'known', 'seconds'],
  dissolve: ['seconds'],
  fade: ['seconds'],
  wipe: ['direction', 'seconds'],
  cut: [],
};

function normalForm(written: WrittenScript, fileName: string): StoryScript {
  const { defaults = {} } = written;
  const title = written.title ?? titleFrom(fileName);
  return {
    title,
    ...(written.description === undefined ? {} : { description: written.description }),
    ...(written.language === undefined ? {} : { language: written.language }),
    output: normalOutput(written.output),
    ...(written.outputs === undefined ? {} : { outputs: normalFiles(written.outputs) }),
    ...normalModels(written.models ?? scriptDefaults.models, written.output),
    ...normalCards(written, title),
    ...normalSubjects(written.subjects),
    ...normalStorySound(written, typeof written.output === 'object' ? written.output.audio : undefined),
    shots: written.shots.map((shot, index) => ({
      ...normalShot(shot, index, defaults),
      ...normalShotSound(shot, defaults, written.voice),
    })),
  };
}

function normalOutput(written: WrittenScript['output']): OutputSettings {
  const output: WrittenOutput = typeof written === 'string' ? (namedSize(written) ?? {}) : (written ?? {});
  return {
    ...sizeOf(output, output.shape === undefined ? undefined : (ratioOf(output.shape) ?? undefined)),
    fps: (output.fps === undefined ? null : readRate(output.fps)) ?? scriptDefaults.fps,
    ...(output.fit === 'pad' ? { fit: 'pad' } : {}),
    ...(output.captions === 'burn' ? { captions: 'burn' } : {}),
    ...(output.upscaler === 'lanczos' ? { upscaler: 'lanczos' } : {}),
    ...outputEncoding(output),
  };
}

function normalCards(written: WrittenScript, title: string): Pick<StoryScript, 'opening' | 'closing'> {
  const { opening, closing } = written;
  return {
    ...(opening === undefined || opening === false ? {} : { opening: normalCard(opening === true ? title : opening) }),
    ...(closing === undefined ? {} : { closing: normalCard(closing) }),
  };
}

function normalSpeed(speed: WrittenShot['speed']): Pick<Shot, 'speed'> {
  return speed === undefined || speed === 1 ? {} : { speed };
}

/** `left` is 0; the middle is what nothing said means. */
function normalFocus(focus: WrittenShot['focus']): Pick<Shot, 'focus'> {
  if (focus === undefined) return {};
  return { focus: typeof focus === 'string' ? focusWords[focus] : focus };
}

function normalModels(
  models: NonNullable<WrittenScript['models']>,
  output: WrittenScript['output'],
): Pick<StoryScript, 'models' | 'alternatives'> {
  const { set = scriptDefaults.models, base, voice } = typeof models === 'string' ? { set: models } : models;
  const upscaler = typeof output === 'object' ? output.upscaler : undefined;
  const alternatives = {
    ...(base === undefined ? {} : { base }),
    ...(upscaler === undefined || upscaler === 'model' || upscaler === 'lanczos' ? {} : { upscale: upscaler }),
    ...(voice === undefined ? {} : { voice }),
  };
  return { models: set, ...(Object.keys(alternatives).length === 0 ? {} : { alternatives }) };
}

function normalShot(shot: WrittenShot, index: number, defaults: NonNullable<WrittenScript['defaults']>): Shot {
  const pictures = givenPictures(shot);
  const prompts = normalPrompts(shot);
  return {
    id: shot.id,
    prompt: prompts[0]?.prompt ?? '',
    ...(prompts.length > 1 ? { prompts } : {}),
    ...normalClip(shot),
    ...normalTrim(shot),
    ...normalSpeed(shot.speed ?? defaults.speed),
    ...normalFreeNoise(shot.freenoise),
    sampling: {
      // From the id and not the place: a shot keeps its picture when others are put in before it.
      seed: shot.seed ?? seedOf({ seed: defaults.seed ?? scriptDefaults.seed, shot: shot.id }),
      quality: shot.quality ?? defaults.quality ?? scriptDefaults.quality,
      sampler: shot.sampler ?? defaults.sampler ?? null,
      steps: shot.steps ?? defaults.steps ?? null,
      guidance: shot.guidance ?? defaults.guidance ?? null,
      rescale: shot.rescale ?? defaults.rescale ?? null,
      negative: shot.negative ?? defaults.negative ?? scriptDefaults.negative,
      freeu: shot.freeu ?? defaults.freeu ?? null,
      ...normalFreeInit(shot.freeinit ?? defaults.freeinit),
      ...((shot.as ?? defaults.as) === undefined ? {} : { as: 'paper' as const }),
    },
    ...normalEnhance(shot.enhance, defaults.enhance),
    ...(pictures.length === 0 ? {} : { pictures }),
    ...(shot.card === undefined ? {} : { card: normalCard(shot.card) }),
    ...normalCaptions(shot.caption),
    // A gate of the defaults is for clips that can be made again.
    ...(shot.clip === undefined ? normalGate(shot.gate, defaults.gate) : {}),
    ...normalFocus(shot.focus ?? defaults.focus),
    join: index === 0 ? null : (continuation(shot) ?? normalJoin(joinOf(shot, defaults))),
  };
}

/** The prompts of a shot in the order of their places: integers come first among the keys of an object. */
function normalPrompts({ prompt, prompts }: WrittenShot): PromptPlace[] {
  if (prompts === undefined) return prompt === undefined ? [] : [{ at: 0, prompt }];
  const places = Object.entries(prompts).map(([at, words]) => ({ at: Number(at), prompt: words }));
  return places.sort((a, b) => a.at - b.at);
}

function normalFreeNoise(freenoise: WrittenShot['freenoise']): Pick<Shot, 'freenoise'> {
  if (freenoise === undefined) return {};
  if (typeof freenoise === 'object') {
    const { weights = scriptDefaults.freenoiseWeights, noise, window, stride } = freenoise;
    return {
      freenoise: {
        weights,
        ...(noise === undefined ? {} : { noise }),
        ...(window === undefined ? {} : { window }),
        ...(stride === undefined ? {} : { stride }),
      },
    };
  }
  return { freenoise: freenoise ? { weights: scriptDefaults.freenoiseWeights } : false };
}

function normalFreeInit(freeinit: WrittenShot['freeinit']): Pick<SamplingSettings, 'freeinit'> {
  return freeinit === undefined ? {} : { freeinit };
}

/** `to` is the end of what is shown, counted from the beginning of the clip. */
function normalTrim({ seconds, from, to }: WrittenShot): Pick<Shot, 'seconds' | 'from'> {
  const shown = to === undefined ? seconds : to - (from ?? 0);
  return { ...(shown === undefined ? {} : { seconds: shown }), ...(from === undefined || from === 0 ? {} : { from }) };
}

/** What is behind a card begins anew, and so does a shot whose beginning is left out. */
function joinOf(shot: WrittenShot, { join }: NonNullable<WrittenScript['defaults']>): WrittenJoin {
  if (shot.card !== undefined) return 'cut';
  const said = shot.join ?? join ?? 'seine';
  const kind = typeof said === 'string' ? said : said.kind;
  return isTrimmed(shot.from) && kind === 'seine' && shot.clip === undefined ? 'cut' : said;
}

function isTrimmed(from: unknown): boolean {
  return typeof from === 'number' && from > 0;
}

function normalJoin(join: WrittenJoin): Join {
  const { kind, prompt, known, direction, seconds } = typeof join === 'string' ? { kind: join } : join;
  if (kind === 'cut') return { kind };
  const said = seconds === undefined ? {} : { seconds };
  if (kind === 'dissolve' || kind === 'fade') return { kind, ...said };
  if (kind === 'wipe') return { kind, direction: direction ?? 'right', ...said };
  return {
    kind,
    prompt: prompt ?? scriptDefaults.joinPrompt,
    known: known ?? scriptDefaults.joinKnown,
    seconds: seconds ?? scriptDefaults.joinSeconds,
  };
}

/** `stories/first-film.yaml` tells the story "First film". */
function titleFrom(fileName: string): string {
  // `<stdin>` is no name of a file.
  if (/^<.*>$/.test(fileName)) return 'Story';
  const stem = (fileName.split(/[\\/]/).at(-1) ?? '').replace(/\.[^.]*$/, '');
  const words = foldSpaces(stem.replace(/[-_\p{Cc}\p{Cs}]+/gu, ' ')).slice(0, scriptLimits.titleLength);
  return words === '' ? 'Story' : words.charAt(0).toUpperCase() + words.slice(1);
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The words for a focus in a script as it was written, with their paths. */
export function focusesIn(written: unknown): { readonly path: string; readonly focus: string }[] {
  const { defaults, shots } = membersOf(written);
  const places: [ScriptPath, unknown][] = [
    [['defaults', 'focus'], membersOf(defaults)['focus']],
    ...(Array.isArray(shots) ? shots : []).map((shot: unknown, index): [ScriptPath, unknown] => [
      ['shots', index, 'focus'],
      membersOf(shot)['focus'],
    ]),
  ];
  return places.flatMap(([path, focus]) => (typeof focus === 'string' ? [{ path: writtenPath(path), focus }] : []));
}
