import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readSignature } from '../../engine/ort-session.ts';
import type { GraphSignature, TensorSpec } from '../../engine/signature.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { digestOf } from '../../storage/file-hash.ts';
import { ownFolder, sweepFolders } from '../../storage/owned-folder.ts';
import { readPackageFolder } from '../../storage/package-folder.ts';
import { parseManifest } from '../../story/models/model-manifest.ts';
import { parsePiperVoice, piperFile } from '../../story/models/piper-voice.ts';
import type { PiperVoice } from '../../story/models/piper-voice.ts';
import type { Cli } from '../shell/cli.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { withFixedNoise } from './fixed-noise.ts';

/** Beginning of the name of a package that is being made. */
const making = '.making-';

/** The file of the graph in a package. */
const graphFile = 'voice.onnx';

/** Larger than any voice of Piper. */
const mostBytes = 2 ** 30;

/** What a voice is added with. */
export interface VoiceOptions {
  /** File that says how it is spoken; absent: `<voice>.onnx.json`. */
  readonly json?: string;
  /** Name of its licence, as its model card says it. */
  readonly licence?: string;
  /** Name of the package; absent: that of the file. */
  readonly name?: string;
}

/**
 * Makes a model package of a voice of Piper: the `.onnx` and the `.onnx.json` that lie on this machine.
 *
 * @throws UsageError without a licence or with a name that no package has; PipelineError `MODEL_INVALID` for files that are none of a voice,
 * `RESOURCE_DISK`.
 */
export async function addVoice(cli: Cli, file: string, options: VoiceOptions): Promise<Outcome> {
  const name = options.name ?? nameOf(file);
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
    throw new UsageError(`a voice is named by at most 40 lower-case letters, digits and hyphens, and not ${JSON.stringify(name)}; say --name`);
  }
  if (options.licence === undefined || options.licence.trim() === '') {
    throw new UsageError('say --licence and the name of the voice\'s licence, as its MODEL_CARD has it: --licence CC-BY-4.0');
  }
  const packages = join(cli.config().modelsDir, 'packages');
  const dir = join(packages, name);
  const there = await readPackageFolder(dir).catch(() => null);
  if (there !== null && there.manifest.role !== 'voice') {
    throw new UsageError(`${dir} is a package of role ${there.manifest.role}; say another --name`);
  }
  await sweepFolders(packages, making);
  const own = await ownFolder(packages, making);
  try {
    await writeVoice({ name, file, json: options.json ?? `${file}.json`, licence: options.licence.trim() }, own.dir);
    await own.giveUp();
    await rm(dir, { recursive: true, force: true });
    await rename(own.dir, dir);
  } finally {
    await own.remove();
  }
  const { manifest } = await readPackageFolder(dir);
  const speakers = manifest.role === 'voice' ? (manifest.voice.voices ?? []) : [];
  const who = speakers.length > 1 ? `; its speakers are ${speakers.slice(0, 8).join(', ')}${speakers.length > 8 ? ' …' : ''}` : '';
  cli.terminal.out(`${name} (${options.licence.trim()}) is in ${dir}; say models: { voice: ${name} }${who}`);
  return 'ok';
}

/** `en_GB-alba-medium` of `voices/en_GB-alba-medium.onnx`, as a name of packages. */
function nameOf(file: string): string {
  return basename(file)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

interface VoiceFiles {
  readonly name: string;
  readonly file: string;
  readonly json: string;
  readonly licence: string;
}

/** Writes the files of a package. @throws PipelineError `MODEL_INVALID`. */
export async function writeVoice({ name, file, json, licence }: VoiceFiles, dir: string): Promise<void> {
  const text = await readText(json, 'which says how the voice is spoken; it lies beside the voice where that is published, so fetch it, or say --json');
  const voice = parsePiperVoice(parsedJson(text, json), json);
  const model = withFixedNoise(await readBytes(file), file);
  await writeFile(join(dir, graphFile), model);
  const signature = await readSignature(file, join(dir, graphFile));
  checkVoice(file, voice, signature);
  await writeFile(join(dir, piperFile), text);
  const speakers = Object.keys(voice.speakers).sort((a, b) => (voice.speakers[a] ?? 0) - (voice.speakers[b] ?? 0));
  const voices = speakers.length === 0 ? [name] : speakers;
  const manifest = {
    format: 1,
    name,
    version: '1',
    role: 'voice',
    licence,
    source: `${basename(file)}, in the manner of Piper (https://github.com/OHF-Voice/piper1-gpl)`,
    files: [
      { path: graphFile, ...digestOf(model) },
      { path: piperFile, ...digestOf(new TextEncoder().encode(text)) },
    ],
    graphs: { voice: { file: graphFile, inputs: ports(signature.inputs), outputs: ports(signature.outputs) } },
    voice: { program: 'piper', voice: voices[0], voices },
  };
  parseManifest(manifest);
  await writeFile(join(dir, 'model.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** What the graph of a voice takes, and how many axes each has. */
const inputs: Readonly<Record<string, readonly [type: string, axes: number]>> = {
  input: ['int64', 2],
  input_lengths: ['int64', 1],
  scales: ['float32', 1],
};

/** @throws PipelineError `MODEL_INVALID` for a graph that is not called as those of Piper are. */
function checkVoice(file: string, { hasSpeakers }: PiperVoice, signature: GraphSignature): void {
  const wanted = hasSpeakers ? { ...inputs, sid: ['int64', 1] as const } : inputs;
  const found = Object.fromEntries(signature.inputs.map(({ name, type, shape }) => [name, `${type} of ${String(shape.length)} axes`]));
  const expected = Object.fromEntries(Object.entries(wanted).map(([name, [type, axes]]) => [name, `${type} of ${String(axes)} axes`]));
  const differs = [...new Set([...Object.keys(expected), ...Object.keys(found)])].find((name) => expected[name] !== found[name]);
  if (differs !== undefined) {
    const [is, must] = [found[differs] ?? 'not there', expected[differs] ?? 'unknown'];
    throw invalid(file, `its input ${differs} is ${is}, and of a voice of Piper ${hasSpeakers ? 'with several speakers ' : ''}it is ${must}`);
  }
  const output = signature.outputs.find(({ name }) => name === 'output');
  if (output?.type !== 'float32') throw invalid(file, `it has ${output === undefined ? 'no output' : `an output of ${output.type}`}, and a voice has float32 samples in output`);
}

function invalid(file: string, finding: string): PipelineError {
  return new PipelineError(
    'MODEL_INVALID',
    `${file} is no voice of Piper: ${finding}; take a voice as Piper exports it (input, input_lengths, scales to output)`,
    { details: { file } },
  );
}

/** Axes as the file has them; one without a name gets one. */
function ports(tensors: readonly TensorSpec[]): readonly TensorSpec[] {
  return tensors.map(({ name, type, shape }) => ({
    name,
    type,
    shape: shape.map((axis, index) => (typeof axis === 'number' && axis > 0 ? axis : (typeof axis === 'string' && axis) || `axis${String(index)}`)),
  }));
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PipelineError('MODEL_INVALID', `${file} is no JSON; take the .onnx.json that belongs to the voice`, { cause });
  }
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PipelineError('MODEL_INVALID', `there is no ${file}, ${what}`, { cause, details: { file } });
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw invalid(file, `it has ${String(size)} bytes`);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof PipelineError) throw cause;
    throw new PipelineError('MODEL_INVALID', `${file} cannot be read; name the .onnx file of a voice`, { cause, details: { file } });
  }
}
