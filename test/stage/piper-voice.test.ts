import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { addVoice, writeVoice } from '../../cli/models/add-voice.ts';
import { withFixedNoise } from '../../cli/models/fixed-noise.ts';
import type { Cli } from '../../cli/shell/cli.ts';
import { engineConfigFromEnv, engineEnvironment } from '../../engine/config.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { SoundReader } from '../../media/sound/sound-reader.ts';
import { readPackageFolder, verifyPackage } from '../../storage/package-folder.ts';
import { speechTask } from '../../story/plan/plan-voices.ts';
import { randomVoice, samplesPerId, voiceJson, voiceRate, writePiperVoice } from '../fakes/piper-voice.ts';
import { voiceMaker } from '../../workers/edit/voice-maker.ts';

jest.setTimeout(120_000);

const licence = 'CC0-1.0';
let folder: string;
let numFiles = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-voice-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const newFolder = async (): Promise<string> => {
  const dir = join(folder, String((numFiles += 1)));
  await mkdir(dir);
  return dir;
};

/** A package of a voice, and the folder that it is in. */
async function packageOf(changes: Parameters<typeof writePiperVoice>[1] = {}): Promise<string> {
  const [from, dir] = [await newFolder(), await newFolder()];
  const file = await writePiperVoice(from, changes);
  await writeVoice({ name: 'random', file, json: `${file}.json`, licence }, dir);
  return dir;
}

interface Spoken {
  readonly bytes: Buffer;
  readonly samples: number;
  readonly rate: number;
}

/** What the edit pool makes of words, in an engine of its own. */
async function speak(
  dir: string,
  text: string,
  { speed = 1, voice }: { speed?: number; voice?: string } = {},
): Promise<Spoken> {
  const { manifest, ref } = await readPackageFolder(dir);
  if (manifest.role !== 'voice') throw new Error(`${dir} is of role ${manifest.role}`);
  const task = speechTask(
    { text, speed, ...(voice === undefined ? {} : { voice }) },
    { program: manifest.voice.program, voice: manifest.voice.voice },
    { voice: ref },
  );
  const scratchDir = await newFolder();
  const outputFile = join(scratchDir, 'voice.flac');
  const make = voiceMaker(
    {
      engineEnv: engineEnvironment(engineConfigFromEnv({ SHOTLINE_THREADS: '1' }), process.env),
      drain: { cancelGraceMs: 10_000 } as never,
      stall: { unknownMs: 60_000, leastMs: 60_000, factor: 10 },
    },
    { ensurePackage: () => Promise.resolve(dir) },
    pino({ level: 'silent' }),
  );
  await make(
    { task, inputFiles: [], outputFile, checkpointFile: null, scratchDir, shrink: 0 },
    { signal: new AbortController().signal, onProgress: () => undefined, onCheckpoint: () => undefined },
  );
  const reader = await SoundReader.open(outputFile, { formats: 'flac' });
  let samples = 0;
  for await (const chunk of reader.chunks()) samples += chunk.length;
  const { channels, header } = reader;
  await reader.close();
  expect(channels).toBe(1);
  return { bytes: await readFile(outputFile), samples, rate: header.rate };
}

describe('a voice of Piper', () => {
  test('becomes a package that says what it is, and whose files are whole', async () => {
    const found = await readPackageFolder(await packageOf());
    await verifyPackage(found, 'sha256');
    expect(found.manifest).toMatchObject({
      role: 'voice',
      licence,
      source: expect.stringContaining('en_GB-random-low.onnx') as unknown,
      voice: { program: 'piper', voice: 'random', voices: ['random'] },
      graphs: { voice: { inputs: [{ name: 'input' }, { name: 'input_lengths' }, { name: 'scales' }] } },
    });
  });

  test('speaks in an engine, at the rate of films, as fast as it is told, and the same words to the same bytes', async () => {
    const dir = await packageOf();
    const [once, again, fast] = [
      await speak(dir, 'Once upon a time.'),
      await speak(dir, 'Once upon a time.'),
      await speak(dir, 'Once upon a time.', { speed: 2 }),
    ];
    expect(once.rate).toBe(48_000);
    // Some thirty phonemes and the signs between them, each as long as the voice makes it, but for silence at both ends.
    expect(once.samples).toBeGreaterThan((20 * 4 * samplesPerId * 48_000) / voiceRate);
    expect(again.bytes.equals(once.bytes)).toBe(true);
    expect(fast.samples / once.samples).toBeCloseTo(0.5, 1);
    expect((await speak(dir, 'Another tale.')).bytes.equals(once.bytes)).toBe(false);
  });

  test('draws the same noise in each new session, by a seed that it had not', async () => {
    const dir = await packageOf();
    const words = {
      input: { type: 'int64', shape: [1, 3], data: BigInt64Array.of(1n, 0n, 20n) },
      input_lengths: { type: 'int64', shape: [1], data: BigInt64Array.of(3n) },
      scales: { type: 'float32', shape: [3], data: Float32Array.of(0.667, 1, 0.8) },
    } as const;
    const heard = async (): Promise<unknown> => {
      const cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '1' }), () => undefined);
      const { output } = await (await cache.graph(await readPackage(dir), 'voice')).run(words);
      await cache.close();
      return output!.data;
    };
    const seeded = [await heard(), await heard()];
    expect(seeded[0]).toEqual(seeded[1]);
    const model = await readFile(join(dir, 'voice.onnx'));
    expect(model.includes('seed')).toBe(true);
    expect(withFixedNoise(model, 'voice.onnx')).toEqual(new Uint8Array(model));
    expect(Buffer.from(randomVoice()).includes('seed')).toBe(false);
  });

  test('of several speakers has each by name', async () => {
    const json = { ...voiceJson, num_speakers: 2, speaker_id_map: { tom: 1, ann: 0 } };
    const dir = await packageOf({ json, speakers: 2 });
    expect((await readPackageFolder(dir)).manifest).toMatchObject({ voice: { voice: 'ann', voices: ['ann', 'tom'] } });
    const [ann, tom] = [await speak(dir, 'Good night.'), await speak(dir, 'Good night.', { voice: 'tom' })];
    expect(tom.bytes.equals(ann.bytes)).toBe(false);
  });

  test('says a text of a thousand letters without a mark', async () => {
    const text = 'one two three four five six seven eight nine ten '.repeat(20).trim();
    expect((await speak(await packageOf(), text)).samples).toBeGreaterThan(30 * 48_000);
  });

  test.each([
    [
      'whose sounds are of another language',
      { phoneme_id_map: { '^': [1], _: [0], $: [2], ȹ: [3] } },
      'does not have the sounds',
    ],
    ['that names a voice espeak-ng has not', { espeak: { voice: 'xx-nowhere' } }, 'espeak-ng ended with code'],
  ])('%s says so, with what to do', async (_which, changes, said) => {
    const dir = await packageOf({ json: { ...voiceJson, ...changes } });
    await expect(speak(dir, 'Once upon a time.')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(new RegExp(`${said}.*; .*voice`)) as unknown,
    });
  });
});

describe('what is no voice of Piper is refused', () => {
  const wrong = (changes: Parameters<typeof writePiperVoice>[1]) => packageOf(changes);
  test.each<[string, Parameters<typeof writePiperVoice>[1], RegExp]>([
    ['without its JSON', { json: null }, /there is no .*\.onnx\.json, .*--json/],
    ['with a JSON that is none', { json: '{' }, /is no JSON; take the \.onnx\.json/],
    ['with the JSON of something else', { json: { audio: {} } }, /audio\.sample_rate: .*espeak.*phoneme_id_map/],
    ['with a rate that no voice has', { json: { ...voiceJson, audio: { sample_rate: 4 } } }, /audio\.sample_rate/],
    ['with an argument as its voice', { json: { ...voiceJson, espeak: { voice: '-f/etc/passwd' } } }, /espeak\.voice/],
    [
      'that reads pinyin',
      { json: { ...voiceJson, phoneme_type: 'pinyin' } },
      /phoneme_type "pinyin".*knows espeak and text/,
    ],
    ['without the signs around a sentence', { json: { ...voiceJson, phoneme_id_map: { a: [1] } } }, /has no \^ \$ _/],
    ['with speakers that its graph is not told', { json: { ...voiceJson, num_speakers: 2 } }, /input sid is not there/],
  ])('%s', async (_what, changes, message) => {
    await expect(wrong(changes)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('with another signature', async () => {
    const from = await newFolder();
    const file = await writePiperVoice(from);
    const other = Buffer.from(randomVoice()).toString('latin1').replaceAll('input_lengths', 'input_lengthz');
    await writeFile(file, Buffer.from(other, 'latin1'));
    await expect(
      writeVoice({ name: 'x', file, json: `${file}.json`, licence }, await newFolder()),
    ).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(
        /its input input_lengths is not there, .*int64 of 1 axes; take a voice as Piper exports it/,
      ) as unknown,
    });
  });

  test.each([
    ['a file of something else', 'not a model at all'],
    ['an empty file', ''],
  ])('%s', async (_what, content) => {
    const from = await newFolder();
    const file = await writePiperVoice(from);
    await writeFile(file, content);
    await expect(
      writeVoice({ name: 'x', file, json: `${file}.json`, licence }, await newFolder()),
    ).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/is no ONNX model: .*fetch the file again/) as unknown,
    });
  });

  test('a path that leads nowhere, and a wish without a licence or with a name that no package has', async () => {
    const modelsDir = await newFolder();
    await mkdir(join(modelsDir, 'packages'));
    const cli = { config: () => ({ modelsDir }), terminal: { out: () => undefined } } as unknown as Cli;
    const file = await writePiperVoice(await newFolder());
    await expect(addVoice(cli, file, {})).rejects.toThrow(/--licence CC-BY-4\.0/);
    await expect(addVoice(cli, file, { licence, name: '../x' })).rejects.toThrow(/lower-case letters.*--name/);
    await expect(addVoice(cli, '/nowhere/v.onnx', { licence, json: `${file}.json` })).rejects.toThrow(
      /cannot be read; name the \.onnx file/,
    );
    expect(await addVoice(cli, file, { licence })).toBe('ok');
    expect((await readPackageFolder(join(modelsDir, 'packages', 'en-gb-random-low'))).manifest.licence).toBe(licence);
  });
});
