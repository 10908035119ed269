import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SoundReader } from '../media/sound/sound-reader.ts';
import { digestOfFile } from '../storage/file-hash.ts';
import { wavFile } from '../test/fakes/wav-file.ts';
import { exampleStory } from '../test/fakes/example-story.ts';
import type { StoryScript } from '../story/script/script.ts';
import { collectSounds } from './collect.ts';
import type { FileSources } from '../sources/read-source.ts';

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sounds-'));
  folder = join(root, 'story');
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const sources = (given: Partial<FileSources> = {}): FileSources => ({
  folder,
  allowOutside: false,
  buckets: [],
  storage: () => Promise.resolve(null),
  ...given,
});
const naming = (...names: readonly string[]): StoryScript => {
  const script = exampleStory(names.map(() => ({ kind: 'cut' as const })));
  return {
    ...script,
    shots: names.map((source, index) => ({ ...script.shots[index]!, narration: { file: { source, key: null } } })),
  };
};
const tone = (at: number, channel: number): number => 0.5 * Math.sin(at * 0.05 * (channel + 1));

describe('sounds that are read', () => {
  const kinds = [
    { name: '16 bits', rate: 48_000, channels: 2, bits: 16 },
    { name: '24 bits', rate: 48_000, channels: 2, bits: 24 },
    { name: '192 kHz', rate: 192_000, channels: 2, bits: 24 },
    { name: '8 kHz', rate: 8_000, channels: 1, bits: 8 },
    { name: 'mono', rate: 44_100, channels: 1, bits: 16 },
    { name: '5.1', rate: 48_000, channels: 6, bits: 16 },
    { name: '7.1', rate: 48_000, channels: 8, bits: 16 },
  ] as const;

  test('a WAV that a recorder wrote without knowing its length is read to its last sample', async () => {
    const file = Buffer.from(wavFile({ rate: 48_000, channels: 1, bits: 16, samples: 50_001, wave: tone }));
    for (const name of ['RIFF', 'data']) file.writeUInt32LE(0xffffffff, file.indexOf(name) + 4);
    await writeFile(join(folder, 'streamed.wav'), file);
    const { script, findings } = await collectSounds(naming('streamed.wav'), sources());
    expect(findings).toEqual([]);
    expect(script.shots[0]?.narration).toMatchObject({ file: { samples: 50_001 } });
  });

  test.each(kinds)('$name become FLAC at 48 kHz, as long as they were', async ({ name, ...kind }) => {
    await writeFile(join(folder, `${name}.wav`), wavFile({ ...kind, samples: 1.5 * kind.rate, wave: tone }));
    const { script, sounds, findings } = await collectSounds(naming(`${name}.wav`), sources());
    expect(findings).toEqual([]);
    const [narration] = script.shots.map((shot) => shot.narration);
    expect(narration).toEqual({ file: { source: `${name}.wav`, key: sounds[0]!.key, samples: 72_000 } });
    const file = join(root, 'upload.flac');
    await sounds[0]!.write(file);
    expect((await digestOfFile(file)).sha256).toBe(sounds[0]!.key);
    const reader = await SoundReader.open(file, { formats: 'flac' });
    expect(reader.header).toMatchObject({ format: 'flac', channels: kind.channels === 1 ? 1 : 2, rate: 48_000 });
    let peak = 0;
    for await (const chunk of reader.chunks()) for (const sample of chunk) peak = Math.max(peak, Math.abs(sample));
    await reader.close();
    expect(peak).toBeGreaterThan(0.3);
    expect(peak).toBeLessThanOrEqual(1);
  });

  test('have the samples of their file, to 24 bits', async () => {
    await writeFile(
      join(folder, 'exact.wav'),
      wavFile({ rate: 48_000, channels: 2, bits: 24, samples: 5000, wave: tone }),
    );
    const { sounds } = await collectSounds(naming('exact.wav'), sources());
    const file = join(root, 'exact.flac');
    await sounds[0]!.write(file);
    const reader = await SoundReader.open(file);
    let at = 0;
    let worst = 0;
    for await (const chunk of reader.chunks()) {
      chunk.forEach(
        (sample, index) => (worst = Math.max(worst, Math.abs(sample - tone(at + (index >> 1), index & 1)))),
      );
      at += chunk.length / 2;
    }
    await reader.close();
    expect(at).toBe(5000);
    expect(worst).toBeLessThan(2 ** -22);
  });

  test('are read once and uploaded once, whatever they are called', async () => {
    await cp(join(folder, 'mono.wav'), join(folder, 'again.wav'));
    const { script, sounds } = await collectSounds(naming('mono.wav', 'mono.wav', 'again.wav'), sources());
    expect(sounds).toHaveLength(1);
    expect(
      new Set(script.shots.map(({ narration }) => narration && 'file' in narration && narration.file.key)).size,
    ).toBe(1);
  });

  test('are held against what was read when they are uploaded', async () => {
    await cp(join(folder, 'mono.wav'), join(folder, 'changing.wav'));
    const { sounds } = await collectSounds(naming('changing.wav'), sources());
    await cp(join(folder, '16 bits.wav'), join(folder, 'changing.wav'));
    await expect(sounds[0]!.write(join(root, 'changed.flac'))).rejects.toThrow(/changed while the story was submitted/);
  });
});

describe('sounds that are refused are told with their place, what is wrong and what to do', () => {
  const whole = wavFile({ rate: 48_000, channels: 2, bits: 16, samples: 48_000, wave: tone });
  const bad = {
    'empty.wav': [new Uint8Array(0), 'is an empty file; save it again'],
    'text.mp3': [new TextEncoder().encode('no sound '.repeat(200)), 'is no sound that Shotline can read'],
    'none.wav': [
      wavFile({ rate: 48_000, channels: 2, bits: 16, samples: 0, wave: tone }),
      'has a header and no sound behind it',
    ],
    'cut.wav': [whole.slice(0, 100_000), `lacks ${whole.length - 100_000} bytes at its end`],
    'no-channels.wav': [
      withBytes(whole, 22, [0, 0]),
      'is no sound that Shotline can read, or its header makes no sense',
    ],
    'no-rate.wav': [
      withBytes(whole, 24, [0, 0, 0, 0]),
      'its header makes no sense; save it as WAV, FLAC, MP3, M4A or Ogg',
    ],
    'list.m3u8': [new TextEncoder().encode('#EXTM3U\n#EXTINF:1,\nmono.wav\n'), 'is no sound that Shotline can read'],
    'many.wav': [
      wavFile({ rate: 48_000, channels: 12, bits: 16, samples: 4800, wave: tone }),
      'has 12 channels; a sound has at most 8; save it as stereo',
    ],
  } as const;

  test.each(Object.entries(bad))('%s', async (name, [bytes, expected]) => {
    await writeFile(join(folder, name), bytes);
    const { findings, sounds } = await collectSounds(naming('mono.wav', name), sources());
    expect(findings.map(({ message }) => message).join()).toContain(
      `shots[1].narration is "${name}", which ${expected.startsWith('its') ? '' : expected}`,
    );
    expect(findings[0]?.message).toContain(expected);
    expect(findings[0]?.path).toEqual(['shots', 1, 'narration']);
    expect(sounds).toHaveLength(1);
  });

  test('a file that is damaged in the middle', async () => {
    const file = join(root, 'upload.flac');
    const { sounds } = await collectSounds(naming('16 bits.wav'), sources());
    await sounds[0]!.write(file);
    const flac = new Uint8Array(await readFile(file));
    flac.fill(0x55, flac.length / 2, flac.length / 2 + 20_000);
    await writeFile(join(folder, 'damaged.flac'), flac);
    const { findings } = await collectSounds(naming('damaged.flac'), sources());
    expect(findings[0]?.message).toMatch(
      /lasts 1\.5 seconds by its header and has [01]\.\d seconds of sound; it is damaged: copy it again whole/,
    );
  });

  test('what is not there, is a folder, or lies outside the folder of the script', async () => {
    await writeFile(join(root, 'outside.wav'), whole);
    await symlink(join(root, 'outside.wav'), join(folder, 'link.wav'));
    await mkdir(join(folder, 'folder'));
    const names = ['missing.wav', 'folder', '../outside.wav', 'link.wav'];
    const { findings } = await collectSounds(naming(...names), sources());
    expect(findings.map(({ message }) => message.replace(/^.*?which /, ''))).toEqual([
      'cannot be read (ENOENT); paths start at the folder of the script',
      'is a folder; name a sound file',
      expect.stringContaining(
        'sounds lie in that folder or below it: copy it there, or allow others with --allow-outside',
      ),
      expect.stringContaining('lies outside the folder of the script'),
    ]);
    expect((await collectSounds(naming('../outside.wav'), sources({ allowOutside: true }))).findings).toEqual([]);
  });

  test('a bucket that the operator did not name', async () => {
    const { findings } = await collectSounds(naming('s3://other/voice.wav'), sources());
    expect(findings[0]?.message).toMatch(
      /bucket other, which the operator does not allow; copy the sound beside the script/,
    );
  });
});

function withBytes(file: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const changed = Uint8Array.from(file);
  changed.set(bytes, at);
  return changed;
}
