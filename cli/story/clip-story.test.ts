import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawFootage } from '../../test/fakes/footage-file.ts';
import { clipsAt, clipStory } from './clip-story.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-clip-story-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a clip as a story of one shot', () => {
  test('has its own shape, as large as 4K holds, and its own rate', async () => {
    const file = await drawFootage({ file: join(folder, 'beach.mp4') });
    const { script, folder: from } = await clipStory(file, {});
    expect(script).toMatchObject({
      title: 'beach',
      output: { width: 2880, height: 2160, fps: 25 },
      shots: [{ id: 'clip', prompt: '', clip: { source: 'beach.mp4', found: null } }],
    });
    expect(from).toBe(folder);
  });

  test('of 23.976 frames per second keeps them', async () => {
    const times = Array.from({ length: 24 }, (_, index) => Math.round((index * 1001) / 24));
    const { script } = await clipStory(await drawFootage({ file: join(folder, 'film.mkv'), times }), {});
    expect(script.output.fps).toBeCloseTo(24_000 / 1001, 9);
  });

  test('says what the command says', async () => {
    const file = join(folder, 'beach.mp4');
    const output = { width: 1920, height: 1080 };
    const { script } = await clipStory(file, {
      output,
      upscaler: 'lanczos',
      paint: 0.4,
      scale: 2,
      prompt: 'a beach',
      from: 0.1,
      to: 0.3,
      mute: true,
    });
    expect(script.output).toMatchObject({ ...output, upscaler: 'lanczos' });
    expect(script.shots[0]).toMatchObject({
      prompt: 'a beach',
      from: 0.1,
      clip: { mute: true },
      enhance: { strength: 0.4, scale: 2 },
    });
    expect(script.shots[0]!.seconds).toBeCloseTo(0.2, 9);
  });

  test('is told by name when it is none', async () => {
    const file = join(folder, 'text.mp4');
    await writeFile(file, 'not a video');
    await expect(clipStory(file, {})).rejects.toMatchObject({
      code: 'SCRIPT_INVALID',
      message: expect.stringContaining('text.mp4 is no video') as unknown,
    });
  });

  test('comes from a file, from all videos of a folder, or from a folder of pictures', async () => {
    const many = join(folder, 'many');
    await mkdir(many);
    for (const name of ['b.mov', 'a.mp4', '.hidden.mp4', 'notes.txt']) await writeFile(join(many, name), '');
    expect(await clipsAt(many)).toEqual([join(many, 'a.mp4'), join(many, 'b.mov')]);
    const pictures = join(folder, 'pictures');
    await mkdir(pictures);
    expect(await clipsAt(pictures)).toEqual([pictures]);
    await expect(clipsAt(join(folder, 'nothing'))).rejects.toThrow('there is no');
  });
});
