import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LoudnessMeter } from '../../media/sound/loudness-meter.ts';
import { SoundReader } from '../../media/sound/sound-reader.ts';
import type { FilmManifest } from '../../story/film/film-manifest.ts';
import { writePiperVoice } from '../fakes/piper-voice.ts';
import { wavFile } from '../fakes/wav-file.ts';
import { PrivateStack } from '../harness/private-stack.ts';
import { hasBrowser, withPage } from './browser.ts';

/** Films with sound on real servers, workers and models: few pixels, few steps. */
const quick = ['--output', '320x180', '--quality', 'draft', '--allow-outside'];
const rate = 48_000;
const speaks = ['/usr/bin', '/usr/local/bin'].some((dir) => existsSync(join(dir, 'espeak-ng')));
const root = join(import.meta.dirname, '../..');
let stack: PrivateStack;
let folder: string;

beforeAll(async () => {
  stack = await PrivateStack.create();
  folder = await mkdtemp(join(tmpdir(), 'sound-e2e-'));
  const music = (at: number): number => 0.2 * Math.sin(at * 0.0144) + 0.1 * Math.sin(at * 0.0288);
  await writeFile(join(folder, 'music.wav'), wavFile({ rate, channels: 2, bits: 16, samples: 2 * rate, wave: music }));
  await writeFile(
    join(folder, 'voice.wav'),
    wavFile({ rate, channels: 1, bits: 16, samples: voiceSamples, wave: sweep }),
  );
}, 120_000);
afterAll(async () => {
  await stack.destroy();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** A voice that is like itself in one place alone. */
const voiceSamples = rate;
function sweep(at: number): number {
  return 0.5 * Math.sin(2 * Math.PI * (600 * (at / rate) + 1200 * (at / rate) ** 2));
}

const story = (volume: number): string => `title: With sound
soundtrack: { file: ${folder}/music.wav, loop: true, fade: 0.2 }
defaults: { seed: 7, steps: 2 }
shots:
  - { id: house, prompt: a white house stands still on the meadow in the middle on a sunny day, seconds: 1.5 }
  - id: boat
    prompt: a red boat sails to the right on the sea at sunset
    seconds: 2
    join: dissolve
    narration: { file: ${folder}/voice.wav, volume: ${String(volume)} }
`;

interface Heard {
  readonly left: Float32Array;
  readonly loudness: number | null;
  readonly truePeak: number;
}

/** What a player would play: decoded by FFmpeg, and measured with its `ebur128`. */
async function heardIn(url: string): Promise<Heard> {
  const file = join(folder, 'film.mp4');
  await writeFile(file, new Uint8Array(await (await fetch(url)).arrayBuffer()));
  const reader = await SoundReader.open(file);
  const meter = await LoudnessMeter.open();
  const left: number[] = [];
  for await (const chunk of reader.chunks()) {
    await meter.write(chunk);
    for (let at = 0; at < chunk.length; at += 2) left.push(chunk[at]!);
  }
  await reader.close();
  const { integrated, truePeak } = await meter.close();
  return { left: Float32Array.from(left), loudness: integrated, truePeak };
}

/** Sample at which the voice fits best. */
function placeOf(left: Float32Array): number {
  const voice = Float32Array.from({ length: voiceSamples }, (_, at) => sweep(at));
  let best = { at: -1, likeness: 0 };
  for (let at = 0; at < left.length - voiceSamples; at++) {
    let likeness = 0;
    // Every third sample tells enough.
    for (let sample = 0; sample < voiceSamples; sample += 3) likeness += left[at + sample]! * voice[sample]!;
    if (likeness > best.likeness) best = { at, likeness };
  }
  return best.at;
}

const manifestOf = async (url: string): Promise<FilmManifest> => (await (await fetch(url)).json()) as FilmManifest;

describe('a film with a soundtrack and a narration', () => {
  test('has sound to its last picture, as loud as it shall be, with the voice at its sample; another voice renders no frame', async () => {
    const first = await stack.render(await stack.writeStory('sound.yaml', story(1)), ...quick);
    const heard = await heardIn(first.filmUrl);
    expect(first.frames).toBe(36 + 48 - 12);
    expect(heard.left.length).toBeGreaterThanOrEqual((first.frames * rate) / 24);
    // An AAC frame at most.
    expect(heard.left.length).toBeLessThan((first.frames * rate) / 24 + 1024);
    expect(Math.abs(heard.loudness! + 16)).toBeLessThanOrEqual(0.5);
    expect(heard.truePeak).toBeLessThanOrEqual(-1.5);
    // The boat's own frames begin behind the dissolve.
    expect(Math.abs(placeOf(heard.left) - (36 * rate) / 24)).toBeLessThanOrEqual(1);

    const second = await stack.render(await stack.writeStory('sound.yaml', story(0.5)), ...quick);
    const { timeline, sound, assembly } = await manifestOf(second.manifestUrl);
    const runs = timeline.flatMap(({ tasks }) => tasks.map(({ run }) => run?.cacheHit));
    expect(new Set(runs)).toEqual(new Set([true]));
    expect([sound?.map(({ run }) => run?.cacheHit), assembly.run?.cacheHit]).toEqual([[false], false]);
    expect(second.frames).toBe(first.frames);

    if (!hasBrowser) return;
    const film = Buffer.from(await (await fetch(first.filmUrl)).arrayBuffer()).toString('base64');
    const played = await withPage(async (page) => {
      await page.setContent('<video></video>');
      return page.evaluate<{ loudest: number; seconds: number; ended: boolean }>(`(async () => {
        const video = document.querySelector('video');
        const bytes = Uint8Array.from(atob(${JSON.stringify(film)}), (sign) => sign.charCodeAt(0));
        video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        context.createMediaElementSource(video).connect(analyser).connect(context.destination);
        await context.resume();
        const levels = new Float32Array(analyser.fftSize);
        let loudest = 0;
        const ended = new Promise((resolve) => video.addEventListener('ended', () => resolve(true)));
        const listen = () => {
          analyser.getFloatTimeDomainData(levels);
          for (const level of levels) loudest = Math.max(loudest, Math.abs(level));
          if (!video.ended) requestAnimationFrame(listen);
        };
        await video.play();
        listen();
        return { ended: await ended, loudest, seconds: video.duration };
      })()`);
    });
    expect(played.ended).toBe(true);
    expect(played.loudest).toBeGreaterThan(0.05);
    expect(played.seconds).toBeCloseTo(first.frames / 24, 2);
  }, 600_000);

  test('says words, where the program that speaks is installed; else what to do', async () => {
    const text = `title: Spoken\ndefaults: { seed: 7, steps: 2 }\nshots:\n  - { id: house, prompt: a white house stands still on the meadow in the middle on a sunny day, seconds: 2, say: Hello }\n`;
    const file = await stack.writeStory('spoken.yaml', text);
    if (speaks) {
      const film = await stack.render(file, ...quick);
      const { left, loudness } = await heardIn(film.filmUrl);
      expect(left.findIndex((sample) => Math.abs(sample) > 0.01)).toBeLessThan(rate / 20);
      expect(loudness).not.toBeNull();
    } else {
      const { code, stderr } = await stack.shotline('render', file, ...quick);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/espeak-ng, .* is not installed .* apt-get install espeak-ng/s);
    }
  }, 600_000);

  test('says words with a voice of Piper that somebody brought, and names its licence', async () => {
    if (!speaks) return;
    // A models folder of one's own, as the command line makes packages in it.
    const models = join(stack.dir, 'models');
    await mkdir(join(models, 'packages'), { recursive: true });
    await cp(join(root, 'models', 'sets'), join(models, 'sets'), { recursive: true });
    for (const name of await readdir(join(root, 'models', 'packages'))) {
      await symlink(join(root, 'models', 'packages', name), join(models, 'packages', name));
    }
    const own = stack.with({ SHOTLINE_MODELS: models });
    const added = await own.shotline('models', 'add', await writePiperVoice(folder), '--licence', 'CC0-1.0');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('models: { voice: en-gb-random-low }') as unknown,
    });
    expect((await own.shotline('models', 'list')).stdout).toMatch(/en-gb-random-low +1 +voice .* CC0-1\.0/);
    const text = `title: Spoken by a model\nmodels: { voice: VOICE }\ndefaults: { seed: 7, steps: 2 }\nshots:\n  - { id: house, prompt: a white house stands still on the meadow in the middle on a sunny day, seconds: 2, say: Hello there. Good night. }\n`;
    const film = await own.render(
      await stack.writeStory('model.yaml', text.replace('VOICE', 'en-gb-random-low')),
      ...quick,
    );
    const { left } = await heardIn(film.filmUrl);
    expect(left.findIndex((sample) => Math.abs(sample) > 0.01)).toBeLessThan(rate / 20);
    const { sound } = await manifestOf(film.manifestUrl);
    expect(sound?.map(({ stage }) => stage)).toEqual(['speech', 'sound']);
    const absent = await own.shotline(
      'validate',
      await stack.writeStory('absent.yaml', text.replace('VOICE', 'nobody')),
    );
    expect(absent.code).not.toBe(0);
    expect(absent.stderr).toContain("There is no voice package 'nobody'");
  }, 600_000);
});
