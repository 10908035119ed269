import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { finishFilm } from '../../media/finished-film.ts';
import { filmFrames } from '../../media/film-frames.ts';
import { probeVideo } from '../../media/probe.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import { remuxSegments } from '../../media/stitch.ts';
import { VideoFile } from '../../media/video-file.ts';
import { rateOf } from '../../story/script/frame-rate.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-rates-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A film of three segments, whose frames are lighter and lighter. */
async function filmAt(fps: number): Promise<string> {
  const segments: string[] = [];
  for (const count of [24, 7, 13]) {
    const file = path.join(folder, `${String(segments.length)}.mp4`);
    const encoder = await openSegmentEncoder({ file, width: 64, height: 36, fps });
    const chroma = new Uint8Array(32 * 18).fill(128);
    for (let n = 0; n < count; n += 1)
      await encoder.write({ y: new Uint8Array(64 * 36).fill(20 + 60 * segments.length + 2 * n), u: chroma, v: chroma });
    await encoder.close();
    segments.push(file);
  }
  const film = path.join(folder, 'film.mp4');
  await remuxSegments({ segments, output: film, expectedFrames: 44 });
  return film;
}

test.each([24, 25, 30, 60, 24_000 / 1001, 30_000 / 1001, 60_000 / 1001])(
  'a film of %p frames per second has each frame at its exact time, also when it is finished',
  async (fps) => {
    const film = await filmAt(fps);
    const rate = rateOf(fps);
    const finished = path.join(folder, 'finished.mp4');
    const chapters = [{ from: 0, until: 44, text: 'All' }];
    await finishFilm(film, finished, { rate, tags: { title: 'A' }, language: 'und', chapters, captions: chapters });
    for (const file of [film, finished]) {
      const probe = await probeVideo(file);
      expect(probe).toMatchObject({ frames: 44, fps, seconds: 44 / fps, keyFrames: 3 });
      const video = await VideoFile.open(file);
      const { num, den } = video.stream.timeBase;
      const times: bigint[] = [];
      for await (const { packet } of video.pictures()) times.push(packet.pts);
      await video.close();
      times.sort((a, b) => Number(a - b));
      // Frame n is at n · den / num seconds, without a remainder.
      expect(times.map((time) => (Number(time) * num * rate.num) / (den * rate.den))).toEqual(
        Array.from({ length: 44 }, (_, frame) => frame),
      );
    }
    for await (const { data } of filmFrames(finished, [25], { maxWidth: 64 }))
      expect(Math.abs(data[0]! - 76)).toBeLessThan(12);
  },
);
