import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AVERROR_EOF, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { publishStream } from '../../activities/edit/publish-stream.ts';
import { credentialsFromEnv } from '../../credentials/config.ts';
import { signFilm, verifyFile } from '../../credentials/content-credentials.ts';
import { listFragments } from '../../media/fragments.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { SoundEncoder } from '../../media/sound/sound-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';
import { createFilmStore } from '../../storage/film-store.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { certificatesIn } from '../fakes/certificates.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { FakeObjectStore } from '../fakes/fake-object-store.ts';
import { serveFolder } from '../fakes/stream-server.ts';

const [width, height] = [160, 90];
let folder: string;
let segments: string[];
let plan: StoryPlan;
const out = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-stream-'));
  const script = [
    `output: { width: ${String(width)}, height: ${String(height)}, audio: silent }`,
    'language: en',
    'outputs: { live: { ladder: [360p] } }',
    'shots:',
    '  - { id: a, prompt: a red boat, seconds: 3.2 }',
    '  - { id: b, prompt: a house, seconds: 3, join: cut }',
  ];
  plan = planStory(parseScript(script.join('\n'), { fileName: 'story.yaml' }), exampleModels);
  segments = [];
  for (const { segments: pieces } of plan.shots) {
    for (const { params } of pieces) {
      const file = out(`${String(segments.length)}.mp4`);
      const encoder = await openSegmentEncoder({ file, width, height, fps: 24 });
      const chroma = new Uint8Array((width * height) / 4).fill(120);
      for (let n = 0; n < params.count; n += 1)
        await encoder.write({ y: new Uint8Array(width * height).fill(40 + 3 * n), u: chroma, v: chroma });
      await encoder.close();
      segments.push(file);
    }
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a stream', () => {
  test('has a fragment for each segment, which begins with the sound, and is played by a player of HLS', async () => {
    const [output] = plan.outputs ?? [];
    const file = out('track.mp4');
    await remuxSegments({ segments, output: file, expectedFrames: plan.numFrames, fragments: true });
    const { fragments, header } = await listFragments(file);
    expect(fragments.map(({ samples }) => samples)).toEqual(
      plan.shots.flatMap((shot) => shot.segments.map(({ params }) => params.count)),
    );
    expect(fragments[0]?.offset).toBe(header);

    const sound = out('sound.mp4');
    const encoder = await SoundEncoder.open({ file: sound, codec: 'aac', channels: 2 });
    await encoder.write(new Float32Array(2 * 2000 * plan.numFrames));
    await encoder.close();

    const objects = new FakeObjectStore();
    const name = { title: 'A', slug: 'a', scriptHash: plan.scriptHash, filmKey: plan.film.key };
    const published = await publishStream(createFilmStore(objects), {
      name,
      plan,
      stream: 'live',
      rungs: [{ output: output!, file }],
      sound,
      language: 'en',
      dir: folder,
      captions: 'WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nHello\n',
    });
    expect(published).toMatchObject({ name: 'live', stream: true, codec: 'h264', width, height });
    const [served] = [out('served')];
    await mkdir(served);
    for (const [key, { bytes }] of objects.objects) await writeFile(path.join(served, path.basename(key)), bytes);
    expect([...objects.objects.keys()].map((key) => path.basename(key)).sort()).toEqual([
      '90p.m3u8',
      '90p.mp4',
      'captions.m3u8',
      'captions.vtt',
      'live.m3u8',
      'signed-90p.m3u8',
      'signed-captions.m3u8',
      'signed-live.m3u8',
      'signed-sound.m3u8',
      'sound.m3u8',
      'sound.mp4',
    ]);
    const { url, server } = await serveFolder(served);
    try {
      const { frames, first, seconds } = await playStream(`${url}/live.m3u8`);
      expect(frames).toBe(plan.numFrames);
      expect(seconds.video).toBeCloseTo(plan.seconds, 1);
      // Within one frame of AAC.
      expect(Math.abs(seconds.sound - plan.seconds)).toBeLessThan(1024 / 48_000 + 0.01);
      expect(Math.abs(first.video)).toBeLessThan(0.001);
      expect(Math.abs(first.sound)).toBeLessThan(1100 / 48_000);
    } finally {
      server.close();
    }
  }, 60_000);
});

/** All packets of a stream, as FFmpeg's player of HLS fetches them. */
async function playStream(url: string) {
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  let frames = 0;
  const first = { video: Number.POSITIVE_INFINITY, sound: Number.POSITIVE_INFINITY };
  const seconds = { video: 0, sound: 0 };
  expect(await format.openInput(url)).toBe(0);
  try {
    expect(await format.findStreamInfo(null)).toBeGreaterThanOrEqual(0);
    const kinds = format.streams.map(({ codecpar }) => codecpar.codecType);
    expect(kinds).toEqual(expect.arrayContaining([AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO]));
    while ((await format.readFrame(packet)) !== AVERROR_EOF) {
      const stream = format.streams[packet.streamIndex]!;
      const { num, den } = stream.timeBase;
      const at = (Number(packet.pts) * num) / den;
      const end = at + (Number(packet.duration) * num) / den;
      const kind = stream.codecpar.codecType;
      if (kind === AVMEDIA_TYPE_VIDEO) {
        frames += 1;
        first.video = Math.min(first.video, at);
        seconds.video = Math.max(seconds.video, end);
      } else if (kind === AVMEDIA_TYPE_AUDIO) {
        first.sound = Math.min(first.sound, at);
        seconds.sound = Math.max(seconds.sound, end);
      }
      packet.unref();
    }
  } finally {
    packet.free();
    await format.closeInput();
  }
  return { frames, first, seconds };
}

/** Installed where somebody signs films; no dependency. */
const library = '@contentauth/c2pa-node';
const signs = await import(library).then(
  () => true,
  () => false,
);
const whereSigned = signs ? describe : describe.skip;

whereSigned('a signed film', () => {
  const claim = {
    title: 'The keeper',
    version: '0.1.0',
    film: 'f'.repeat(64),
    shots: [{ id: 'dawn', key: 'a'.repeat(64), prompt: 'a red boat', seed: 7 }],
    models: { base: { name: 'pocket-base', version: '1', digest: 'd'.repeat(64) } },
  };

  test('says who made it, with which models, of which shots; prompts only when asked; and that it was changed', async () => {
    const credentials = credentialsFromEnv(certificatesIn(folder))!;
    const film = out('signed.mp4');
    await remuxSegments({ segments, output: film, expectedFrames: plan.numFrames });
    expect(await verifyFile(film, 'video/mp4')).toEqual({ state: 'none' });
    await signFilm(film, 'video/mp4', claim, credentials);
    expect(await verifyFile(film, 'video/mp4')).toMatchObject({
      state: 'valid',
      title: 'The keeper',
      signer: 'Signer',
      issuer: 'Tests',
      generator: 'Shotline 0.1.0',
      shots: ['shot dawn'],
      models: ['base pocket-base 1'],
    });
    expect((await readFile(film)).includes('a red boat')).toBe(false);
    const bytes = await readFile(film);
    const at = bytes.length - 200;
    bytes[at] = bytes[at]! ^ 1;
    await writeFile(out('changed.mp4'), bytes);
    expect(await verifyFile(out('changed.mp4'), 'video/mp4')).toMatchObject({ state: 'invalid' });
    await signFilm(film, 'video/mp4', claim, { ...credentials, prompts: true });
    expect((await readFile(film)).includes('a red boat')).toBe(true);
  });

  test('by a certificate whose time is over since is told apart from one that was changed', async () => {
    const short = await mkdtemp(path.join(folder, 'short-'));
    const until = Date.now() + 4000;
    const credentials = credentialsFromEnv(certificatesIn(short, until))!;
    const film = out('short.mp4');
    await remuxSegments({ segments, output: film, expectedFrames: plan.numFrames });
    await signFilm(film, 'video/mp4', claim, credentials);
    await delay(Math.max(0, until - Date.now()) + 1500);
    const found = await verifyFile(film, 'video/mp4');
    expect(found).toMatchObject({ state: 'expired', signer: 'Signer', shots: ['shot dawn'] });
    await expect(signFilm(film, 'video/mp4', claim, credentials)).rejects.toThrow(/expired on/);
    const bytes = await readFile(film);
    const at = bytes.length - 200;
    bytes[at] = bytes[at]! ^ 1;
    await writeFile(out('both.mp4'), bytes);
    expect(await verifyFile(out('both.mp4'), 'video/mp4')).toMatchObject({ state: 'invalid' });
  }, 30_000);

  test('is refused with a certificate that signs itself, in a sentence that says what one needs', async () => {
    const film = out('refused.mp4');
    await remuxSegments({ segments, output: film, expectedFrames: plan.numFrames });
    const credentials = credentialsFromEnv({
      SHOTLINE_C2PA_CERTIFICATE: out('root.pem'),
      SHOTLINE_C2PA_KEY: out('leaf.key'),
    })!;
    await expect(signFilm(film, 'video/mp4', claim, credentials)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    expect(await verifyFile(film, 'video/mp4')).toEqual({ state: 'none' });
  });

  test('is told apart from a file that is none', async () => {
    await writeFile(out('none.mp4'), 'no film');
    await expect(verifyFile(out('none.mp4'), 'video/mp4')).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });
});
