import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { encodeSafetensors } from '../tensor/safetensors.ts';
import { FrameFile, writeFrameFile } from './frame-file.ts';

let folder: string;
let clip: string;
const data = Uint8Array.from({ length: 5 * 3 * 4 * 6 }, (_, index) => index % 251);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-frames-'));
  clip = path.join(folder, 'clip.safetensors');
  await writeFrameFile(clip, { count: 5, height: 4, width: 6, data });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function openBad(name: string, bytes: Uint8Array): Promise<FrameFile> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return FrameFile.open(file);
}

describe('FrameFile', () => {
  test('reads any run of frames', async () => {
    const frames = await FrameFile.open(clip);
    expect(frames).toMatchObject({ numFrames: 5, width: 6, height: 4 });
    expect(await frames.read(1, 3)).toEqual({ count: 3, height: 4, width: 6, data: data.subarray(72, 288) });
    expect((await frames.read(0, 5)).data).toEqual(data);
    await expect(frames.read(3, 3)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await expect(frames.read(-1, 1)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await frames.close();
  });

  test.each([
    [
      'another type',
      encodeSafetensors({ frames: { type: 'float32', shape: [1, 3, 1, 1], data: new Float32Array(3) } }),
    ],
    ['another layout', encodeSafetensors({ frames: { type: 'uint8', shape: [1, 4, 1, 1], data: new Uint8Array(4) } })],
    ['another name', encodeSafetensors({ latents: { type: 'uint8', shape: [1, 3, 1, 1], data: new Uint8Array(3) } })],
    ['no frame', encodeSafetensors({ frames: { type: 'uint8', shape: [0, 3, 1, 1], data: new Uint8Array() } })],
    ['text', new TextEncoder().encode('frames, but not really')],
    ['nothing', new Uint8Array()],
  ])('refuses a file with %s', async (name, bytes) => {
    await expect(openBad(name, bytes)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  });

  test('refuses a file that was cut', async () => {
    const file = path.join(folder, 'cut.safetensors');
    await writeFrameFile(file, { count: 5, height: 4, width: 6, data });
    await truncate(file, 200);
    await expect(FrameFile.open(file)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  });
});
