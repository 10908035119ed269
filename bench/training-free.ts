/**
 * What FreeU, FreeInit, FreeNoise and motion injection do to clips of the pocket set: 32 prompts that training never saw, one
 * seed each. Run: `npx tsx bench/training-free.ts [seconds]`; it stops after so many seconds and goes on in the next run. Prints
 * a table of what is measured, writes bench/results/training-free.json, and with the last clip docs/pictures/training-free.jpg.
 *
 * Clips are key frames of the base model, decoded. All have twelve steps of DPM-Solver++ 2M, as the standard preset.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { frameConsistency } from '../eval/formulas/frame-consistency.ts';
import { temporalFlickering } from '../eval/formulas/temporal-flickering.ts';
import { classicalSet } from '../eval/perception/classical-set.ts';
import { ClipView } from '../eval/perception/clip-view.ts';
import type { RgbFrames } from '../media/frame-file.ts';
import type { MadeShot } from '../story/plan/plan.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ClipEngine } from '../test/harness/clip-engine.ts';
import { contactSheet, type SheetRow } from './contact-sheet.ts';
import { frequencyBands } from './frequency-bands.ts';
import { MeasuredClips, type MeasuredClip } from './measured-clips.ts';
import { report, type Row } from './report.ts';

const kinds = ['object', 'colour', 'place', 'sky', 'motion'] as const;
type Said = Readonly<Record<'prompt' | (typeof kinds)[number], string>>;
type Prompt = Said & { readonly then: Said };

const settings = { sampler: 'dpmpp-2m', steps: 12 } as const;
/** Key frames of the long clips, 64, and of the ones whose action changes, 32. */
const long = 'seconds: 10.5';

/** Fields of a shot by method. FreeInit is shown at each iteration, of which the first is the plain clip. */
const methods: Readonly<Record<string, (prompt: Prompt) => string>> = {
  plain: ({ prompt }) => `prompt: ${prompt}`,
  FreeU: ({ prompt }) => `prompt: ${prompt}, freeu: true`,
  'FreeInit 2': ({ prompt }) => `prompt: ${prompt}, freeinit: { iterations: 3, show: 2 }`,
  'FreeInit 3': ({ prompt }) => `prompt: ${prompt}, freeinit: { iterations: 3 }`,
  'FreeNoise 64': ({ prompt }) => `prompt: ${prompt}, ${long}`,
  'direct 64': ({ prompt }) => `prompt: ${prompt}, ${long}, freenoise: false`,
  'motion 32': ({ prompt, then }) => `prompts: { 0: ${prompt}, 1: ${then.prompt} }`,
};

/** Prompts whose clips are shown in the picture. */
const shown = [1, 4];

const { prompts } = JSON.parse(await readFile(new URL('./prompts.json', import.meta.url), 'utf8')) as {
  prompts: readonly Prompt[];
};
const endMs = Date.now() + 1000 * Number(process.argv[2] ?? '1e9');
/** Methods that are measured together, the quick ones first; the last iteration of FreeInit makes the others on its way. */
const rounds = [
  ['FreeInit 3', 'plain', 'FreeInit 2', 'FreeU'],
  ['motion 32'],
  ['FreeNoise 64'],
  ['direct 64'],
] as const;
const clips = await MeasuredClips.open('training-free-clips.json');
const engine = await ClipEngine.open();
const measured: MeasuredClip[] = [];
try {
  for (const round of rounds)
    for (const [number, prompt] of prompts.entries()) await measureRound(round, number, prompt);
  await clips.save(measured);
  const { sampler, steps } = settings;
  await report('training-free', { model: 'pocket-base', sampler, steps }, Object.keys(methods).map(rowOf));
  const numClips = prompts.length * Object.keys(methods).length;
  if (measured.length < numClips) console.log(`${String(measured.length)} of ${String(numClips)} clips; run it again`);
  else
    await writeFile(
      new URL('../docs/pictures/training-free.jpg', import.meta.url),
      await contactSheet(await sheetRows(), 8),
    );
} finally {
  await engine.close();
}

async function measureRound(round: readonly string[], number: number, prompt: Prompt): Promise<void> {
  const made = new Map<string, Tensor>();
  for (const method of round) {
    const plan = engine.plan(shotOf(method, number, prompt));
    let clip = clips.find(method, plan.base.key);
    if (clip === undefined && Date.now() < endMs) {
      clip = await measure(method, number, plan.base.key, await latentsOf(plan, made));
      await clips.add(clip);
    }
    if (clip !== undefined) measured.push(clip);
  }
}

function shotOf(method: string, number: number, prompt: Prompt): string {
  const { sampler, steps } = settings;
  return `${methods[method]!(prompt)}, sampler: ${sampler}, steps: ${String(steps)}, seed: ${String(1000 + number)}`;
}

/** The clip of a shot, out of those made before where it is among them. */
async function latentsOf(plan: MadeShot, made: Map<string, Tensor>): Promise<Tensor> {
  const found = made.get(plan.base.key);
  if (found !== undefined) return found;
  const iterations = await engine.iterations(plan);
  for (const [index, { key }] of [...(plan.earlier ?? []), plan.base].entries())
    made.set(key, iterations[index]!.latents);
  return iterations.at(-1)!.latents;
}

async function measure(method: string, number: number, key: string, latents: Tensor): Promise<MeasuredClip> {
  const frames = await engine.decode(latents);
  const size = 3 * frames.width * frames.height;
  const pictures = Array.from({ length: frames.count }, (_, frame) =>
    frames.data.subarray(frame * size, (frame + 1) * size),
  );
  const { subject, background } = classicalSet;
  const view = new ClipView(frames);
  return {
    key,
    prompt: number,
    method,
    subject: rounded(frameConsistency(await subject!.describe(view, () => Promise.resolve()))!.score),
    background: rounded(frameConsistency(await background!.describe(view, () => Promise.resolve()))!.score),
    flicker: rounded(temporalFlickering(pictures)!.score),
    bands: frequencyBands(frames, [0, 5, 10, 15]).map(rounded),
    begin: await engine.probe(frames, 0),
    end: await engine.probe(frames, frames.count - 16),
  };
}

/** Means of a method over its prompts, and how far they are from those of plain clips of the same prompts. */
function rowOf(method: string): Row {
  const own = measured.filter((clip) => clip.method === method);
  const mean = (value: (clip: MeasuredClip) => number): number =>
    own.length === 0 ? 0 : rounded(own.reduce((sum, clip) => sum + value(clip), 0) / own.length);
  const over = (value: (clip: MeasuredClip) => number): number =>
    mean((clip) => {
      const plain = measured.find((other) => other.method === 'plain' && other.prompt === clip.prompt);
      return plain === undefined ? 0 : value(clip) - value(plain);
    });
  const of = (clip: MeasuredClip): Prompt => prompts[clip.prompt]!;
  const sees = (seen: MeasuredClip['begin'], said: Said, kind: (typeof kinds)[number]): number =>
    Number(seen[kind] === said[kind]);
  const high = ({ bands }: MeasuredClip): number => (bands[6]! + bands[7]!) / 2;
  return {
    method,
    prompts: own.length,
    subject: mean(({ subject }) => subject),
    'subject over plain': over(({ subject }) => subject),
    background: mean(({ background }) => background),
    flicker: mean(({ flicker }) => flicker),
    'flicker over plain': over(({ flicker }) => flicker),
    'high frequencies': mean(high),
    'high over plain': over(high),
    ...Object.fromEntries(kinds.map((kind) => [kind, mean((clip) => sees(clip.begin, of(clip), kind))])),
    'object and colour stay': mean((clip) =>
      Number(clip.begin['object'] === clip.end['object'] && clip.begin['colour'] === clip.end['colour']),
    ),
    'second action at the end': mean((clip) => sees(clip.end, of(clip).then, 'motion')),
  };
}

async function sheetRows(): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  for (const number of shown) {
    for (const method of Object.keys(methods)) {
      const prompt = prompts[number]!;
      const made: RgbFrames = await engine.decode(
        (await engine.base(engine.plan(shotOf(method, number, prompt)))).latents,
      );
      const words = method === 'motion 32' ? `${prompt.prompt} / ${prompt.then.prompt}` : prompt.prompt;
      rows.push({ caption: `${method}: ${words}`, clip: made });
    }
  }
  return rows;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
