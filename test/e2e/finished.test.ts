import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext } from 'node-av/lib';
import { probeVideo } from '../../media/probe.ts';
import type { FilmJson } from '../../cli/story/film-report.ts';
import { serveFolder } from '../fakes/stream-server.ts';
import { PrivateStack } from '../harness/private-stack.ts';
import { hasBrowser, withPage } from './browser.ts';

/** `examples/finished.yaml` with all its files, on real servers and models: few pixels, few steps. */
const speaks = spawnSync('espeak-ng', ['--version']).status === 0;
let stack: PrivateStack;
let folder: string;
let film: FilmJson;
const saved = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finished-e2e-'));
  stack = await PrivateStack.create();
  const script = (await readFile('examples/finished.yaml', 'utf8'))
    .replaceAll('sounds/', `${process.cwd()}/examples/sounds/`)
    .replaceAll(speaks ? /$^/gm : /^ +say: .*\n/gm, '')
    .replace('defaults: { seed: 7 }', 'defaults: { seed: 7, steps: 2 }')
    .replace('[720p, 360p]', '[360p, 240p]');
  const story = await stack.writeStory('finished.yaml', script);
  film = await stack.render(story, '--output', '640x360', '--allow-outside');
  for (const more of [
    ['-o', saved('wide.mp4')],
    ['--output', 'upright', '-o', saved('upright.mp4')],
    ['--output', 'stream', '-o', saved('stream')],
    ['--captions', '-o', saved('captions.vtt')],
  ]) {
    const { code, stderr } = await stack.shotline('get', film.workflowId, ...more);
    expect([code, stderr]).toEqual([0, expect.anything()]);
  }
}, 900_000);
afterAll(async () => {
  await stack.destroy();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

interface Played {
  readonly ended: boolean;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  /** The loudest sample that a player would play. */
  readonly loudest: number;
  readonly cues: readonly string[];
}

/** A film from its first frame to its last in Chromium, with captions on. */
async function play(file: string): Promise<Played> {
  const [bytes, captions] = [await readFile(file, 'base64'), await readFile(saved('captions.vtt'), 'utf8')];
  return withPage(async (page) => {
    await page.setContent('<video></video>');
    return page.evaluate<Played>(`(async () => {
      const urlOf = (part, type) => URL.createObjectURL(new Blob([part], { type }));
      const video = document.querySelector('video');
      const cues = [];
      const track = document.createElement('track');
      Object.assign(track, { kind: 'captions', default: true, src: urlOf(${JSON.stringify(captions)}, 'text/vtt') });
      track.addEventListener('cuechange', () => {
        for (const cue of track.track.activeCues) cues.push(cue.text);
      });
      video.append(track);
      track.track.mode = 'showing';
      video.src = urlOf(Uint8Array.from(atob(${JSON.stringify(bytes)}), (sign) => sign.charCodeAt(0)), 'video/mp4');
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
        if (!video.ended) setTimeout(listen, 20);
      };
      await video.play();
      listen();
      return { ended: await ended, loudest, cues, seconds: video.duration, width: video.videoWidth, height: video.videoHeight };
    })()`);
  });
}

const withBrowser = hasBrowser ? describe : describe.skip;

withBrowser('a finished film plays to its end in Chromium, with sound and captions on', () => {
  test.each([
    ['wide.mp4', 640, 360],
    ['upright.mp4', 202, 360],
  ])(
    '%s',
    async (name, width, height) => {
      const played = await play(saved(name));
      expect(played).toMatchObject({ ended: true, width, height });
      expect(played.seconds).toBeCloseTo(16, 1);
      expect(played.loudest).toBeGreaterThan(0.05);
      expect(played.cues).toEqual([
        'The sea is calm.',
        'On land,\\nsomebody waits.'.replace('\\n', '\n'),
        '帰ってきた。 עלה בלון. 🎈',
      ]);
    },
    300_000,
  );
});

describe('the files of a finished film', () => {
  test('have the same frames in every shape', async () => {
    expect(film.frames).toBe(16 * 24);
    expect(await probeVideo(saved('wide.mp4'))).toMatchObject({ frames: 384, codec: 'h264', width: 640 });
    expect(await probeVideo(saved('upright.mp4'))).toMatchObject({ frames: 384, codec: 'h264', width: 202 });
  });

  test('as a stream are opened by a player of HLS: two sizes and the sound, as long as the film', async () => {
    const { url, server } = await serveFolder(saved('stream'));
    const format = new FormatContext();
    try {
      expect(await format.openInput(`${url}/stream.m3u8`)).toBe(0);
      expect(await format.findStreamInfo(null)).toBeGreaterThanOrEqual(0);
      const kinds = format.streams.map(({ codecpar }) => [codecpar.codecType, codecpar.height]);
      expect(kinds.filter(([kind]) => kind === AVMEDIA_TYPE_VIDEO).map(([, height]) => height)).toEqual([360, 240]);
      expect(kinds.filter(([kind]) => kind === AVMEDIA_TYPE_AUDIO)).toHaveLength(1);
      expect(Number(format.duration) / 1e6).toBeCloseTo(16, 1);
    } finally {
      await format.closeInput();
      server.close();
    }
    const answer = await fetch(film.outputs?.['stream'] ?? '');
    expect(await answer.text()).toMatch(/^#EXTM3U[^]*http:[^]*signed-360p\.m3u8/);
  }, 120_000);
});
